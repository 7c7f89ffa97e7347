package .phantom.shell;

class shellTest extends .phantom.test.suite
{
    var one : shell;

    void before() { one = new shell( new folder(), boot() ); }

    void says( var line : string, var expected : string, var callerLine : int )
    {
        equal( one.execute( line ), expected, callerLine );
    }

    void testTextsAreStoredAndShown()
    {
        says( "put note \"two  blanks\" more", "" );
        says( "cat note", "two  blanks more\n" );
        says( "add note line two", "" );
        says( "cat note", "two  blanks more\nline two\n" );
        says( "ls", "note\n" );
        says( "ls note", "two  blanks more\nline two\n" );
        says( "cat nothing", "there is no nothing\n" );
    }

    void testFolders()
    {
        says( "mkdir a", "" );
        says( "mkdir a/b", "" );
        says( "put a/b/c deep", "" );
        says( "put a/x shallow", "" );
        says( "tree", "a/\n  b/\n    c\n  x\n" );
        says( "cd a/b", "" );
        says( "pwd", "/a/b\n" );
        says( "put /top 1", "" );
        says( "rm /top", "" );
        says( "rm top", "there is no top\n" );
        says( "cat ../x", "shallow\n" );
        says( "cat /a/./b/c", "deep\n" );
        says( "cd ..", "" );
        says( "ls", "b/\nx\n" );
        says( "cd", "" );
        says( "pwd", "/\n" );
        says( "mkdir a", "a is there already\n" );
        says( "mkdir no/where", "there is no no/\n" );
        says( "cd a/x", "a/x is no folder\n" );
        says( "put a text", "a is a folder\n" );
    }

    void testCopyMoveRemove()
    {
        says( "put a 1", "" );
        says( "cp a b", "" );
        says( "mkdir f", "" );
        says( "mv b f/c", "" );
        says( "ls", "a\nf/\n" );
        says( "cat f/c", "1\n" );
        says( "mv f/c f/d", "" );
        says( "ls f", "d\n" );
        says( "mv f/d d", "" );
        says( "mv d f/d", "" );
        says( "ls", "a\nf/\n" );
        says( "mv f/d f/c", "" );
        says( "mv a a", "" );
        says( "cat a", "1\n" );
        says( "rm f", "f is not empty\n" );
        says( "rm f/c", "" );
        says( "cd f", "" );
        says( "rm ../f", "../f cannot be taken away from inside\n" );
        says( "cd ..", "" );
        says( "rm f", "" );
        says( "rm a", "" );
        says( "ls", "" );
        says( "rm a", "there is no a\n" );
        says( "cp f g", "there is no f\n" );
    }

    void testScripts()
    {
        says( "add s \"put x 1\"", "" );
        says( "add s \"# a remark\"", "" );
        says( "add s \"\"", "" );
        says( "add s \"cat x\"", "" );
        says( "do s", "1\n" );
        says( "put endless \"do endless\"", "" );
        says( "do endless", "scripts in scripts too deep\n" );
        says( "put leave exit", "" );
        isFalse( one.isOver() );
        says( "do leave", "" );
        isTrue( one.isOver() );
    }

    void testPrograms()
    {
        says( "run .phantom.shell.sayer", "" );
        says( "run .phantom.shell.sayer", "" );
        equal( sayer.said, 2 );
        says( "run .phantom.shell.crasher", "it crashed\n" );
        says( "start .phantom.shell.sayer", "" );
        boot().sleep( 20 );
        equal( sayer.said, 3 );
        isTrue( .phantom.text.strings.contains( one.execute( "run .no.such" ), ".no.such" ) );
    }

    void testMistakes()
    {
        says( "", "" );
        says( "   ", "" );
        says( "fly", "there is no command fly; say help\n" );
        says( "cat", "cat: wrong number of words; say help\n" );
        says( "put \"a", "the quote does not end\n" );
        says( "put a/b x", "there is no a/\n" );
        says( "put .. x", ".. is a folder\n" );
        says( "echo a  b", "a b\n" );
        isTrue( .phantom.text.strings.contains( one.execute( "help" ), "mkdir PATH" ) );
    }

    void testPathsOfFolders()
    {
        var root : folder = new folder();
        var deep : folder = root.make( "a" ).make( "b" );
        equal( deep.path(), "/a/b" );
        same( deep.outermost(), root );
        same( root.make( "a" ), root.get( "a" ) );
        same( deep.find( "../.." ), root );
        same( root.find( "/../a//b/." ), deep );
        isNull( root.find( "a/none/x" ) );
        equal( root.parent().toString(), "folder /" );
        try {
            root.put( "a/b", 1 );
            fail( "a path was taken as a name" );
        }
        catch( string problem ) { equal( problem, "folder: a/b is no name" ); }
    }
};

class sayer
{
    static int said;
    void run( var boot ) [8] { sayer.said += 1; }
};

class crasher
{
    void run( var boot ) [8] { throw "it crashed"; }
};
