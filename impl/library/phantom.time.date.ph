package .phantom.time;
import .phantom.text.*;

/**
 * A day and a time of day in the Gregorian calendar, without a time zone; it does not change. Days are counted as by
 * H. Hinnant, "chrono-compatible low-level date algorithms" (2021): a year begins on the first of March.
 */
class date
{
    var itsDay : long;
    var itsSecond : int;

    /** So many seconds after 1970 began, or before it when negative. */
    void date( var seconds : long )
    {
        itsDay = seconds / 86400;
        itsSecond = (int)( seconds % 86400 );
        if( itsSecond < 0 ) {
            itsDay -= 1;
            itsSecond += 86400;
        }
    }

    /** The beginning of a day; months and days count from 1. Throws a string when there is no such day. */
    void date( var year : int, var month : int, var day : int ) { set( year, month, day, 0, 0, 0 ); }

    void date( var year : int, var month : int, var day : int, var hour : int, var minute : int, var second : int )
    {
        set( year, month, day, hour, minute, second );
    }

    void set( var year : int, var month : int, var day : int, var hour : int, var minute : int, var second : int )
    {
        if( month < 1 || month > 12 || day < 1 || day > date.daysIn( year, month ) ) {
            throw "date: there is no day " + year + "-" + month + "-" + day;
        }
        if( hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ) {
            throw "date: there is no time " + hour + ":" + minute + ":" + second;
        }
        var y : int = year;
        if( month <= 2 ) y -= 1;
        var era : int = .phantom.math.integer.floorDivide( y, 400 );
        var yearOfEra : int = y - era * 400;
        var dayOfYear : int = ( 153 * ( ( month + 9 ) % 12 ) + 2 ) / 5 + day - 1;
        var dayOfEra : int = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        var days : long = era;
        itsDay = days * 146097 + dayOfEra - 719468;
        itsSecond = ( hour * 60 + minute ) * 60 + second;
    }

    static int isLeap( var year : int ) { return year % 4 == 0 && ( year % 100 != 0 || year % 400 == 0 ); }

    static int daysIn( var year : int, var month : int )
    {
        if( month == 2 ) return 28 + date.isLeap( year );
        return 30 + ( month == 1 || month == 3 || month == 5 || month == 7 || month == 8 || month == 10 || month == 12 );
    }

    /** Reads `2000-12-31`, or with a time of day `2000-12-31 23:59:59`; a `T` may stand between them. */
    static .phantom.time.date parse( var text : string )
    {
        var plain : string = strings.replace( text, "T", " " );
        var parts : .phantom.data.list = strings.words( plain );
        var days : .phantom.data.list = strings.split( parts.get( 0 ), "-" );
        if( parts.size() > 2 || days.size() != 3 ) throw "date: expected 2000-12-31 23:59:59, found " + text;
        if( parts.size() == 1 ) {
            return new .phantom.time.date( numbers.toInt( days.get( 0 ) ), numbers.toInt( days.get( 1 ) ), numbers.toInt( days.get( 2 ) ) );
        }
        var times : .phantom.data.list = strings.split( parts.get( 1 ), ":" );
        if( times.size() != 3 ) throw "date: expected 2000-12-31 23:59:59, found " + text;
        return new .phantom.time.date(
            numbers.toInt( days.get( 0 ) ), numbers.toInt( days.get( 1 ) ), numbers.toInt( days.get( 2 ) ),
            numbers.toInt( times.get( 0 ) ), numbers.toInt( times.get( 1 ) ), numbers.toInt( times.get( 2 ) )
        );
    }

    /** Seconds since 1970 began. */
    long seconds() { return itsDay * 86400 + itsSecond; }

    /** Days since the first of January 1970. */
    long dayNumber() { return itsDay; }

    /** What the calendar calls the day: year times 10000, month times 100, day. */
    int civil()
    {
        var z : long = itsDay + 719468;
        var era : long = z / 146097;
        if( z < 0 && z % 146097 != 0 ) era -= 1;
        var dayOfEra : int = (int)( z - era * 146097 );
        var yearOfEra : int = ( dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096 ) / 365;
        var dayOfYear : int = dayOfEra - ( 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 );
        var shifted : int = ( 5 * dayOfYear + 2 ) / 153;
        var day : int = dayOfYear - ( 153 * shifted + 2 ) / 5 + 1;
        var month : int = shifted + 3;
        var year : int = yearOfEra + (int)era * 400;
        if( month > 12 ) {
            month -= 12;
            year += 1;
        }
        return year * 10000 + month * 100 + day;
    }

    int year() { return .phantom.math.integer.floorDivide( civil(), 10000 ); }
    int month() { return .phantom.math.integer.floorModulo( civil(), 10000 ) / 100; }
    int day() { return .phantom.math.integer.floorModulo( civil(), 10000 ) % 100; }
    int hour() { return itsSecond / 3600; }
    int minute() { return itsSecond / 60 % 60; }
    int second() { return itsSecond % 60; }

    /** 1 is Monday, 7 is Sunday (ISO 8601). */
    int weekday() { return (int)( ( itsDay % 7 + 10 ) % 7 ) + 1; }

    string weekdayName()
    {
        return strings.words( "Monday Tuesday Wednesday Thursday Friday Saturday Sunday" ).get( weekday() - 1 );
    }

    string monthName()
    {
        return strings.words( "January February March April May June July August September October November December" ).get( month() - 1 );
    }

    .phantom.time.date plusSeconds( var seconds : long ) { return new .phantom.time.date( seconds() + seconds ); }

    .phantom.time.date plusDays( var days : int )
    {
        var more : long = days;
        return new .phantom.time.date( seconds() + more * 86400 );
    }

    /** `2000-12-31 23:59:59` */
    string toString() { return text( "%Y-%m-%d %H:%M:%S" ); }

    /** As C's strftime: `%Y %m %d %H %M %S`, `%A` the day of the week, `%B` the month, `%%`. */
    string text( var pattern : string )
    {
        var made : builder = new builder();
        var rest : string = pattern;
        for( var at : int = rest.find( "%" ); at >= 0; at = rest.find( "%" ) ) {
            if( at + 1 == rest.length() ) throw "date: " + pattern + " ends inside a place";
            made.add( strings.range( rest, 0, at ) ).add( part( rest.charAt( at + 1 ), pattern ) );
            rest = strings.from( rest, at + 2 );
        }
        return made.add( rest ).toString();
    }

    string part( var letter : int, var pattern : string )
    {
        switch( letter ) {
            case 'Y': return strings.padLeft( year(), 4, "0" );
            case 'm': return strings.padLeft( month(), 2, "0" );
            case 'd': return strings.padLeft( day(), 2, "0" );
            case 'H': return strings.padLeft( hour(), 2, "0" );
            case 'M': return strings.padLeft( minute(), 2, "0" );
            case 'S': return strings.padLeft( second(), 2, "0" );
            case 'A': return weekdayName();
            case 'B': return monthName();
            case '%': return "%";
        }
        throw "date: " + pattern + " has a place for an unknown letter: %" + strings.char( letter );
    }

    int compareTo( var other ) { return .phantom.math.integer.sign( seconds() - ( (.phantom.time.date)other ).seconds() ); }

    int equals( var other ) { return other.2() :== this.2() && compareTo( other ) == 0; }

    int hashCode() { return (int)seconds(); }
};
