package .phantom.text;

class formatTest extends .phantom.test.suite
{
    void testStrings()
    {
        equal( format.of( "[%s]", "abc" ), "[abc]" );
        equal( format.of( "[%5s|%-5s]", "abc", "de" ), "[  abc|de   ]" );
        equal( format.of( "%.2s", "abc" ), "ab" );
        equal( format.of( "[%.0s]", "abc" ), "[]" );
        equal( format.of( "%s", null ), "(void)" );
        equal( format.of( "100%% %s", "sure" ), "100% sure" );
    }

    void testWholeNumbers()
    {
        equal( format.of( "%d|%5d|%-5d|%05d", 42, 42, 42, 42 ), "42|   42|42   |00042" );
        equal( format.of( "%+d %+d %06d", 7, -7, -42 ), "+7 -7 -00042" );
        equal( format.of( "%,d %d", 1234567, 10000000000 ), "1,234,567 10000000000" );
        equal( format.of( "%x %X %04x", 48879, 48879, 10 ), "beef BEEF 000a" );
        equal( format.of( "%x %X %x", -1, 1099511627775, -2L ), "ffffffff FFFFFFFFFF fffffffffffffffe" );
        equal( format.of( "%c%c", 'a', 98L ), "ab" );
        try {
            format.of( "%x", "ten" );
            fail( "a text was printed as a number" );
        }
        catch( string problem ) { equal( problem, "format: %x wants a whole number, not ten" ); }
    }

    void testFractions()
    {
        equal( format.of( "%f %.0f %.3f", 0.5, 2.5, 3.14159 ), "0.500000 3 3.142" );
        equal( format.of( "%8.2f|%-8.2f|%08.2f", -3.14159, 2.5, -1 ), "   -3.14|2.50    |-0001.00" );
        equal( format.of( "%,.2f", 7654321.5 ), "7,654,321.50" );
    }

    void testCharacters() { equal( format.of( "%c%c%3c", 'a', 228, 'b' ), "aä  b" ); }

    void testMistakesAreNamed()
    {
        refused( "%d", "x", "format: %d wants a whole number, not x" );
        refused( "%f", "x", "format: %f wants a number, not x" );
        refused( "%q", 1, "format: %q has a place for an unknown letter: %q" );
        refused( "%s %s", 1, "format: %s %s wants more than 1 values" );
        refused( "none", 1, "format: none wants 0 values, there are 1" );
        refused( "5%", 1, "format: 5% ends inside a place" );
        refused( "%.-f", 1, "format: %.-f has a place that is none: %.-" );
        refused( "%1.2.3f", 1, "format: %1.2.3f has a place that is none: %1.2.3" );
    }

    void refused( var pattern : string, var value, var expected : string )
    {
        try {
            format.of( pattern, value );
            fail( "taken: " + pattern );
        }
        catch( string problem ) { equal( problem, expected ); }
    }
};
