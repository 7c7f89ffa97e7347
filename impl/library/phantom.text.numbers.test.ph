package .phantom.text;

class numbersTest extends .phantom.test.suite
{
    void testBases()
    {
        equal( numbers.hex( 255 ), "ff" );
        equal( numbers.hex( -1 ), "ffffffff" );
        equal( numbers.hex( 255L ), "ff" );
        equal( numbers.hex( 4294967290 ), "fffffffa" );
        equal( numbers.hex( 81985529216486895 ), "123456789abcdef" );
        equal( numbers.hex( -2L ), "fffffffffffffffe" );
        equal( numbers.hex( 10, 4 ), "000a" );
        equal( numbers.binary( 10 ), "1010" );
        equal( numbers.octal( 8 ), "10" );
        equal( numbers.octal( -1 ), "37777777777" );
        equal( numbers.base( 35, 36 ), "z" );
        equal( numbers.base( -255, 16 ), "-ff" );
        equal( numbers.base( 0, 2 ), "0" );
        equal( numbers.base( -9223372036854775807 - 1, 16 ), "-8000000000000000" );
    }

    void testGroups()
    {
        equal( numbers.grouped( 1, "," ), "1" );
        equal( numbers.grouped( 123, "," ), "123" );
        equal( numbers.grouped( -123, "," ), "-123" );
        equal( numbers.grouped( 1234, "," ), "1,234" );
        equal( numbers.grouped( -1234567, " " ), "-1 234 567" );
        equal( numbers.grouped( 100000000000, "." ), "100.000.000.000" );
    }

    void testFixed()
    {
        equal( numbers.fixed( 3.14159, 2 ), "3.14" );
        equal( numbers.fixed( 2.5, 0 ), "3" );
        equal( numbers.fixed( -2.5, 0 ), "-3" );
        equal( numbers.fixed( 0.125, 2 ), "0.13" );
        equal( numbers.fixed( 99.995, 2 ), "100.00" );
        equal( numbers.fixed( 0.0, 3 ), "0.000" );
        equal( numbers.fixed( -0.0004, 3 ), "0.000" );
        equal( numbers.fixed( 1e21, 1 ), "1000000000000000000000.0" );
        equal( numbers.fixed( 1.5e-7, 8 ), "0.00000015" );
        equal( numbers.fixed( 0.00004999, 4 ), "0.0000" );
        equal( numbers.fixed( 7, 2 ), "7.00" );
        equal( numbers.fixed( 1.0 / 0.0, 2 ), "inf" );
        equal( numbers.fixed( 0.0 / 0.0, 2 ), "nan" );
    }

    void testWholeNumbersOfText()
    {
        equal( numbers.toInt( "-2147483648" ), -2147483647 - 1 );
        equal( numbers.toInt( "+007" ), 7 );
        equal( numbers.toLong( "9223372036854775807" ), 9223372036854775807 );
        equal( numbers.toLong( "-0" ), 0L );
        refused( "2147483648", 1 );
        refused( "", 1 );
        refused( "-", 1 );
        refused( "12x", 1 );
        refused( " 1", 1 );
        refused( "9223372036854775808", 0 );
    }

    void refused( var text : string, var asInt : int )
    {
        try {
            if( asInt ) numbers.toInt( text );
            else numbers.toLong( text );
        }
        catch( string problem ) {
            isTrue( strings.endsWith( problem, ": " + text ) );
            return;
        }
        fail( "taken as a number: " + text );
    }

    void testDoublesOfText()
    {
        equal( numbers.toDouble( "1.5" ), 1.5 );
        equal( numbers.toDouble( "-.5e1" ), -5.0 );
        equal( numbers.toDouble( "+3" ), 3.0 );
        equal( numbers.toDouble( "007.25" ), 7.25 );
        equal( numbers.toDouble( "00.5" ), 0.5 );
        equal( numbers.toDouble( "-000" ) + "", "-0.0" );
        equal( numbers.toDouble( "6.02e23" ), 6.02e23 );
        equal( numbers.toDouble( "0" ), 0.0 );
        equal( numbers.toDouble( "0.1" ) + "", "0.1" );
        for( var i : int = 0; i < 4; i += 1 ) {
            var text : string = strings.split( "x,1 ,1e,", "," ).get( i );
            try {
                numbers.toDouble( text );
                fail( "taken as a number: " + text );
            }
            catch( string problem ) { equal( problem, "no number: " + text ); }
        }
    }
};
