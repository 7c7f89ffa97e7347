package .phantom.text;
import .phantom.data.*;

class jsonTest extends .phantom.test.suite
{
    void testValues()
    {
        equal( json.parse( "5" ), 5 );
        equal( json.parse( "-2147483648" ), -2147483647 - 1 );
        equal( json.parse( " 2147483648 " ), 2147483648 );
        equal( json.parse( "12345678901234567890" ), 12345678901234567890.0 );
        equal( json.parse( "-3.5e2" ), -350.0 );
        equal( json.parse( "\"a\\u00e4\\n\\\"\"" ), "aä\n\"" );
        equal( json.parse( "true" ), 1 );
        equal( json.parse( "false" ), 0 );
        isNull( json.parse( "null" ) );
    }

    void testContainers()
    {
        var all : list = json.parse( "[1, [2, []], {\"a\": {\"b\": null}, \"a b\": [3]}]" );
        equal( all.toString(), "[1, [2, []], {a: {b: (void)}, a b: [3]}]" );
        var inner : map = all.get( 2 );
        equal( ( (list)inner.get( "a b" ) ).get( 0 ), 3 );
        equal( ( (map)json.parse( "{}" ) ).size(), 0 );
        equal( json.print( json.parse( "{\"x\":1,\"x\":2}" ) ), "{\"x\":2}" );
    }

    void testMistakesHaveTheirPlace()
    {
        refused( "", "json: expected a value at byte 0, found the end" );
        refused( "[1,]", "json: expected a value at byte 3, found ]" );
        refused( "[1 2]", "json: expected , or ] at byte 3, found 2" );
        refused( "{\"a\" 1}", "json: expected : at byte 5, found 1" );
        refused( "{a:1}", "json: expected a key in quotes at byte 1, found a" );
        refused( "{\"a\":1", "json: expected , or } at byte 6, found the end" );
        refused( "1 x", "json: expected the end at byte 2, found x" );
        refused( "01", "json: expected the end at byte 1, found 1" );
        refused( "1.", "json: expected a digit at byte 2, found the end" );
        refused( "-", "json: expected a digit at byte 1, found the end" );
        refused( "\"ab", "json: expected a character or \" at byte 3, found the end" );
        refused( "\"\\q\"", "json: a wrong escape in the string at byte 0" );
        refused( "nul", "json: expected a value at byte 0, found n" );
        refused( strings.repeat( "[", 600 ), "json: more than 500 levels at byte 501" );
    }

    void refused( var text : string, var expected : string )
    {
        try {
            json.parse( text );
            fail( "taken: " + text );
        }
        catch( string problem ) { equal( problem, expected ); }
    }

    void testPrinting()
    {
        var all : map = new map();
        var inner : list = new list();
        inner.add( 1 );
        inner.add( 0.5 );
        inner.add( -7L );
        inner.add( null );
        inner.add( "q\"\\\t\x01" );
        all.put( "list", inner );
        all.put( 2, new set() );
        all.put( "nan", 0.0 / 0.0 );
        equal( json.print( all ), "{\"list\":[1,0.5,-7,null,\"q\\\"\\\\\\t\\u0001\"],\"2\":[],\"nan\":null}" );
        var some : int[] = new int[]();
        some[0] = 4;
        equal( json.print( some ), "[4]" );
        equal( json.print( new jsonPair() ), "\"a pair\"" );
        equal( json.print( "ä" ), "\"ä\"" );
    }

    void testIndentation()
    {
        equal( json.print( json.parse( "{\"a\":[1,{}],\"b\":[]}" ), 2 ), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}" );
    }

    void testWhatIsPrintedIsReadAgain()
    {
        var text : string = "{\"a\":[1,-2.5,\"x\\ny\",{\"b\":[[],{}]}],\"\":null,\"big\":9007199254740993}";
        equal( json.print( json.parse( text ) ), text );
    }
};

class jsonPair { string toString() { return "a pair"; } };
