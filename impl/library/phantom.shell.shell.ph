package .phantom.shell;
import .phantom.data.*;
import .phantom.text.*;

/**
 * Commands over folders of objects: `execute` takes a line and gives what it has to say. `help` lists the commands.
 *
 * A line is words between blanks; a word in quotes may have blanks in it. What goes wrong is said in one line, and nothing
 * is thrown. For one thread at a time; programs that `start` begins have threads of their own.
 */
class shell
{
    var here : .phantom.shell.folder;
    /** The right to load and start programs. */
    var boot : .internal.boot;
    var over : int = 0;
    /** Scripts that are being executed inside each other. */
    var depth : int = 0;

    void shell( var root : .phantom.shell.folder, var b : .internal.boot )
    {
        here = root;
        boot = b;
    }

    /** The folder that paths begin at. */
    .phantom.shell.folder folder() { return here; }

    /** Whether `exit` was said. */
    int isOver() { return over; }

    /** The words of a line. */
    list words( var line : string )
    {
        var found : list = new list();
        var word : builder = new builder();
        var inside : int = 0;
        var quoted : int = 0;
        for( var i : int = 0; i < line.length(); i += 1 ) {
            var code : int = line.charAt( i );
            if( code == '"' ) {
                quoted = !quoted;
                inside = 1;
            }
            else if( strings.isBlank( code ) && !quoted ) {
                if( inside ) found.add( word.toString() );
                word.clear();
                inside = 0;
            }
            else {
                word.add( line.substring( i, 1 ) );
                inside = 1;
            }
        }
        if( quoted ) throw "the quote does not end";
        if( inside ) found.add( word.toString() );
        return found;
    }

    /** Does what a line says; the result is what it says, lines with a newline each. */
    string execute( var line : string )
    {
        try {
            var all : list = words( line );
            if( all.isEmpty() || strings.startsWith( all.first(), "#" ) ) return "";
            return command( all.removeAt( 0 ), all );
        }
        catch( string problem ) { return problem + "\n"; }
    }

    string command( var name : string, var arguments : list )
    {
        var count : int = arguments.size();
        if( name == "help" ) return help();
        if( name == "exit" ) { over = 1; return ""; }
        if( name == "pwd" ) return here.path() + "\n";
        if( name == "echo" ) return strings.join( arguments, " " ) + "\n";
        if( name == "ls" && count == 0 ) return list( here );
        if( name == "ls" && count == 1 ) return list( existing( arguments.get( 0 ) ) );
        if( name == "tree" && count == 0 ) return tree( here, "" );
        if( name == "cd" && count == 0 ) { here = here.outermost(); return ""; }
        if( name == "cd" && count == 1 ) { here = asFolder( arguments.get( 0 ) ); return ""; }
        if( name == "mkdir" && count == 1 ) return makeFolder( arguments.get( 0 ) );
        if( name == "put" && count > 1 ) {
            place( arguments.removeAt( 0 ), strings.join( arguments, " " ) );
            return "";
        }
        if( name == "add" && count > 1 ) return append( arguments.removeAt( 0 ), strings.join( arguments, " " ) );
        if( name == "cat" && count == 1 ) return existing( arguments.get( 0 ) ) + "\n";
        if( name == "cp" && count == 2 ) {
            place( arguments.get( 1 ), notFolder( arguments.get( 0 ) ) );
            return "";
        }
        if( name == "mv" && count == 2 ) {
            var moved = notFolder( arguments.get( 0 ) );
            place( arguments.get( 1 ), moved );
            if( where( arguments.get( 0 ) ) :!= where( arguments.get( 1 ) ) || nameOf( arguments.get( 0 ) ) != nameOf( arguments.get( 1 ) ) ) {
                where( arguments.get( 0 ) ).remove( nameOf( arguments.get( 0 ) ) );
            }
            return "";
        }
        if( name == "rm" && count == 1 ) return remove( arguments.get( 0 ) );
        if( name == "do" && count == 1 ) return script( arguments.get( 0 ) );
        if( name == "run" && count == 1 ) return run( arguments.get( 0 ) );
        if( name == "start" && count == 1 ) {
            boot.thread( made( arguments.get( 0 ) ) );
            return "";
        }
        if( strings.contains( " ls cd tree mkdir put add cat cp mv rm do run start ", " " + name + " " ) ) return name + ": wrong number of words; say help\n";
        return "there is no command " + name + "; say help\n";
    }

    string help()
    {
        return "ls [PATH]         names in a folder, or one object\n"
            + "tree              all names below this folder\n"
            + "cd [PATH]         go to a folder\n"
            + "pwd               where you are\n"
            + "mkdir PATH        make a folder\n"
            + "put PATH TEXT     store a text\n"
            + "add PATH TEXT     add a line to a text\n"
            + "cat PATH          the text of an object\n"
            + "cp FROM TO        another name for an object\n"
            + "mv FROM TO        move an object\n"
            + "rm PATH           take a name away; a folder must be empty\n"
            + "do PATH           execute the lines of a text\n"
            + "run CLASS         run a program and wait for its end\n"
            + "start CLASS       run a program in a thread of its own\n"
            + "echo TEXT         say a text\n"
            + "exit\n";
    }

    // Paths.

    .internal.object existing( var path : string )
    {
        var found = here.find( path );
        if( found :== null ) throw "there is no " + path;
        return found;
    }

    .phantom.shell.folder asFolder( var path : string )
    {
        var found = existing( path );
        if( !.phantom.shell.folder.isFolder( found ) ) throw path + " is no folder";
        return found;
    }

    .internal.object notFolder( var path : string )
    {
        var found = existing( path );
        if( .phantom.shell.folder.isFolder( found ) ) throw path + " is a folder";
        return found;
    }

    /** The folder that a path's last name is in. */
    .phantom.shell.folder where( var path : string )
    {
        var slash : int = strings.findLast( path, "/" );
        if( slash < 0 ) return here;
        return asFolder( strings.range( path, 0, slash + 1 ) );
    }

    /** A path's last name. */
    string nameOf( var path : string ) { return strings.from( path, strings.findLast( path, "/" ) + 1 ); }

    void place( var path : string, var object )
    {
        if( .phantom.shell.folder.isFolder( here.find( path ) ) ) throw path + " is a folder";
        where( path ).put( nameOf( path ), object );
    }

    // Commands.

    string list( var object )
    {
        if( !.phantom.shell.folder.isFolder( object ) ) return object + "\n";
        var at : .phantom.shell.folder = object;
        var made : builder = new builder();
        foreach( name in at.names() ) made.line( shown( at, name ) );
        return made.toString();
    }

    string shown( var at : .phantom.shell.folder, var name : string )
    {
        if( .phantom.shell.folder.isFolder( at.get( name ) ) ) return name + "/";
        return name;
    }

    string tree( var at : .phantom.shell.folder, var indent : string )
    {
        var made : builder = new builder();
        foreach( name in at.names() ) {
            made.line( indent + shown( at, name ) );
            if( .phantom.shell.folder.isFolder( at.get( name ) ) ) made.add( tree( at.get( name ), indent + "  " ) );
        }
        return made.toString();
    }

    string makeFolder( var path : string )
    {
        if( here.find( path ) :!= null ) throw path + " is there already";
        where( path ).make( nameOf( path ) );
        return "";
    }

    string append( var path : string, var line : string )
    {
        var text : string = "";
        var found = here.find( path );
        if( found :!= null ) text = notFolder( path ) + "\n";
        place( path, text + line );
        return "";
    }

    string remove( var path : string )
    {
        var found = existing( path );
        if( .phantom.shell.folder.isFolder( found ) ) {
            var at : .phantom.shell.folder = found;
            if( at.size() ) throw path + " is not empty";
            if( at :== here || at.parent() :== at ) throw path + " cannot be taken away from inside";
            at.parent().remove( at.name() );
            return "";
        }
        where( path ).remove( nameOf( path ) );
        return "";
    }

    string script( var path : string )
    {
        if( depth == 16 ) throw "scripts in scripts too deep";
        var said : builder = new builder();
        depth += 1;
        foreach( line in strings.split( notFolder( path ) + "", "\n" ) ) if( !over ) said.add( execute( line ) );
        depth -= 1;
        return said.toString();
    }

    /** An object of a class, which is loaded if it has to be. */
    .internal.object made( var className : string )
    {
        var cls = boot.loadClass( className );
        return new *( cls )();
    }

    string run( var className : string )
    {
        made( className ).8( boot );
        return "";
    }
};
