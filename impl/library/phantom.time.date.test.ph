package .phantom.time;

class dateTest extends .phantom.test.suite
{
    void testKnownInstants()
    {
        equal( new date( 0L ).toString(), "1970-01-01 00:00:00" );
        equal( new date( -1L ).toString(), "1969-12-31 23:59:59" );
        equal( new date( 946684800L ).toString(), "2000-01-01 00:00:00" );
        equal( new date( 1000000000L ).toString(), "2001-09-09 01:46:40" );
        equal( new date( 2147483648L ).toString(), "2038-01-19 03:14:08" );
        equal( new date( 2038, 1, 19, 3, 14, 8 ).seconds(), 2147483648 );
        equal( new date( 1600, 2, 29 ).dayNumber(), -135081 );
    }

    /** Each day follows the day before, through leap years and centuries. */
    void testDaysFollowEachOther()
    {
        var at : date = new date( 1899, 12, 30 );
        var year : int = 1899;
        var month : int = 12;
        var day : int = 30;
        for( var i : int = 0; i < 450; i += 1 ) {
            equal( at.civil(), year * 10000 + month * 100 + day );
            equal( new date( year, month, day ).seconds(), at.seconds() );
            at = at.plusDays( 1 );
            day += 1;
            if( day > date.daysIn( year, month ) ) {
                day = 1;
                month += 1;
            }
            if( month > 12 ) {
                month = 1;
                year += 1;
            }
        }
        equal( at.year(), 1901 );
    }

    void testLeapYears()
    {
        isTrue( date.isLeap( 2000 ) );
        isFalse( date.isLeap( 1900 ) );
        isTrue( date.isLeap( 2024 ) );
        isFalse( date.isLeap( 2023 ) );
        equal( date.daysIn( 2024, 2 ) + date.daysIn( 2023, 2 ) * 100, 2829 );
    }

    void testDaysOfTheWeek()
    {
        equal( new date( 1970, 1, 1 ).weekdayName(), "Thursday" );
        equal( new date( 2000, 1, 1 ).weekdayName(), "Saturday" );
        equal( new date( 1969, 12, 28 ).weekday(), 7 );
        equal( new date( 1900, 1, 1 ).weekday(), 1 );
    }

    void testTexts()
    {
        var at : date = new date( 2024, 2, 29, 7, 5, 9 );
        equal( at.text( "%A, %d %B %Y, %H:%M:%S, 100%%" ), "Thursday, 29 February 2024, 07:05:09, 100%" );
        equal( date.parse( "2024-02-29 07:05:09" ), at );
        equal( date.parse( "2024-02-29T07:05:09" ), at );
        equal( date.parse( "2024-02-29" ).toString(), "2024-02-29 00:00:00" );
        try {
            at.text( "%Q" );
            fail( "an unknown letter was taken" );
        }
        catch( string problem ) { equal( problem, "date: %Q has a place for an unknown letter: %Q" ); }
    }

    void testNoSuchDay()
    {
        try {
            new date( 2023, 2, 29 );
            fail( "there is such a day" );
        }
        catch( string problem ) { equal( problem, "date: there is no day 2023-2-29" ); }
        equal( noTime( 0, 1, 0 ) + noTime( 13, 1, 0 ) + noTime( 4, 31, 0 ) + noTime( 4, 0, 0 ) + noTime( 4, 30, 24 ) + noTime( 4, 30, -1 ), 6 );
        equal( noTime( 4, 30, 23 ), 0 );
        try {
            date.parse( "2023-02" );
            fail( "there is such a day" );
        }
        catch( string problem ) { equal( problem, "date: expected 2000-12-31 23:59:59, found 2023-02" ); }
    }

    /** 1 when there is no such month, day or hour. */
    int noTime( var month : int, var day : int, var hour : int )
    {
        try { new date( 2023, month, day, hour, 0, 0 ); }
        catch( string problem ) { return 1; }
        return 0;
    }

    void testOrder()
    {
        var a : date = new date( 2000, 1, 1 );
        isTrue( new .phantom.data.order().compare( a, a.plusSeconds( 1 ) ) < 0 );
        isTrue( a == a.plusSeconds( 0 ) );
        isFalse( a == a.plusDays( 1 ) );
    }
};
