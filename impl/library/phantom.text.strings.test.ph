package .phantom.text;
import .phantom.data.list;

class stringsTest extends .phantom.test.suite
{
    void testParts()
    {
        equal( strings.from( "Phantom", 4 ), "tom" );
        equal( strings.from( "Phantom", 7 ), "" );
        equal( strings.range( "Phantom", 2, 5 ), "ant" );
        equal( strings.range( "Phantom", 7, 7 ), "" );
        try {
            strings.range( "Phantom", 5, 8 );
            fail( "a range beyond the end was taken" );
        }
        catch( string problem ) { equal( problem, "strings.range: 5 to 8 of 7 bytes" ); }
    }

    void testSearching()
    {
        isTrue( strings.startsWith( "Phantom", "Ph" ) );
        isFalse( strings.startsWith( "Ph", "Phantom" ) );
        isTrue( strings.endsWith( "Phantom", "tom" ) );
        isFalse( strings.endsWith( "Phantom", "to" ) );
        isTrue( strings.startsWith( "a", "" ) );
        isTrue( strings.contains( "Phantom", "nto" ) );
        equal( strings.find( "abcabc", "bc", 2 ), 4 );
        equal( strings.find( "abcabc", "bc", 5 ), -1 );
        equal( strings.find( "abc", "", 3 ), 3 );
        equal( strings.find( "abc", "a", 4 ), -1 );
        equal( strings.find( "abc", "a", -1 ), -1 );
        equal( strings.findLast( "abcabc", "bc" ), 4 );
        equal( strings.findLast( "abc", "x" ), -1 );
    }

    void testTrimAndCase()
    {
        equal( strings.trim( " \t a b \n" ), "a b" );
        equal( strings.trim( " \t\n" ), "" );
        equal( strings.upper( "aZ-9 ä" ), "AZ-9 ä" );
        equal( strings.lower( "aZ-9 Ä" ), "az-9 Ä" );
    }

    void testTranslate()
    {
        equal( strings.translate( "banana", "an", "o" ), "booo" );
        equal( strings.translate( "", "an", "o" ), "" );
    }

    void testReplace()
    {
        equal( strings.replace( "aaa", "aa", "b" ), "ba" );
        equal( strings.replace( "x.y.z", ".", "" ), "xyz" );
        equal( strings.replace( "xyz", ".", "-" ), "xyz" );
    }

    void testSplitAndJoin()
    {
        equal( strings.split( "a,b,,c", "," ).toString(), "[a, b, , c]" );
        equal( strings.split( ",", "," ).size(), 2 );
        equal( strings.split( "", "," ).size(), 1 );
        equal( strings.join( strings.split( "a--b--c", "--" ), "+" ), "a+b+c" );
        equal( strings.join( new list(), "," ), "" );
        try {
            strings.split( "a", "" );
            fail( "split by nothing" );
        }
        catch( string problem ) { equal( problem, "strings.split: nothing to split by" ); }
    }

    void testWords()
    {
        equal( strings.words( "  two  words\n" ).toString(), "[two, words]" );
        equal( strings.words( " " ).size(), 0 );
    }

    void testPadding()
    {
        equal( strings.padLeft( 42, 5 ), "   42" );
        equal( strings.padRight( "ab", 4 ), "ab  " );
        equal( strings.padLeft( "abc", 2 ), "abc" );
        equal( strings.padLeft( 7, 3, "0" ), "007" );
        equal( strings.padRight( 7, 3, "." ), "7.." );
        equal( strings.repeat( "ab", 3 ), "ababab" );
        equal( strings.repeat( "ab", 0 ), "" );
    }

    void testKindsOfCharacters()
    {
        var letters : int = 0;
        var digits : int = 0;
        for( var code : int = 0; code < 256; code += 1 ) {
            letters += strings.isLetter( code );
            digits += strings.isDigit( code );
        }
        equal( letters, 52 );
        equal( digits, 10 );
        isTrue( strings.isLetter( 'a' ) && strings.isLetter( 'z' ) && strings.isLetter( 'A' ) && strings.isLetter( 'Z' ) );
        isTrue( strings.isDigit( '0' ) && strings.isDigit( '9' ) );
    }

    void testReverseAndCompare()
    {
        equal( strings.reverse( "abc" ), "cba" );
        equal( strings.compare( "abc", "abc" ), 0 );
        isTrue( strings.compare( "abc", "abd" ) < 0 );
        isTrue( strings.compare( "b", "abc" ) > 0 );
    }

    void testCharacters()
    {
        for( var code : int = 32; code < 127; code += 1 ) equal( strings.char( code ).charAt( 0 ), code );
        equal( strings.char( 10 ), "\n" );
        equal( strings.char( 0 ).length(), 1 );
        equal( strings.char( 228 ), "ä" );
        equal( strings.char( 8364 ), "€" );
        equal( strings.char( 128512 ), "😀" );
        try {
            strings.char( 55296 );
            fail( "half a pair is a character" );
        }
        catch( string problem ) { equal( problem, "strings.char: 55296 is no character" ); }
    }
};
