package .phantom.text;
import .phantom.data.list;

/**
 * Texts with places for values, as C's printf has them: `%[flags][width][.digits]` and a letter.
 *
 * | letter | what it prints |
 * |---|---|
 * | `s` | the text of any value; with `.digits` at most so many of its bytes |
 * | `d` | a whole number (int or long) |
 * | `x`, `X` | a whole number in hexadecimal, of a negative one all bits |
 * | `c` | a character by its code |
 * | `f` | a number with `.digits` behind the point, 6 if not said |
 * | `%` | a percent sign; it takes no value |
 *
 * Flags: `-` to the left, `0` zeros in front, `+` a sign always, `,` groups of three digits. A pattern that is none, a
 * value too few or too many throws a string.
 */
class format
{
    static string of( var pattern : string, var a )
    {
        var values : list = new list();
        values.add( a );
        return format.list( pattern, values );
    }

    static string of( var pattern : string, var a, var b )
    {
        var values : list = new list();
        values.add( a );
        values.add( b );
        return format.list( pattern, values );
    }

    static string of( var pattern : string, var a, var b, var c )
    {
        var values : list = new list();
        values.add( a );
        values.add( b );
        values.add( c );
        return format.list( pattern, values );
    }

    static string of( var pattern : string, var a, var b, var c, var d )
    {
        var values : list = new list();
        values.add( a );
        values.add( b );
        values.add( c );
        values.add( d );
        return format.list( pattern, values );
    }

    /** With the values of a list. */
    static string list( var pattern : string, var values : list )
    {
        var made : builder = new builder();
        var used : int = 0;
        var rest : string = pattern;
        for( var at : int = rest.find( "%" ); at >= 0; at = rest.find( "%" ) ) {
            made.add( strings.range( rest, 0, at ) );
            var end : int = at + 1;
            while( end < rest.length() && ("-+0,.123456789").find( rest.substring( end, 1 ) ) >= 0 ) end += 1;
            if( end == rest.length() ) throw "format: " + pattern + " ends inside a place";
            var place : string = strings.range( rest, at + 1, end );
            var letter : int = rest.charAt( end );
            rest = strings.from( rest, end + 1 );
            if( letter == '%' ) {
                made.add( "%" );
                continue;
            }
            if( used == values.size() ) throw "format: " + pattern + " wants more than " + used + " values";
            made.add( format.one( pattern, place, letter, values.get( used ) ) );
            used += 1;
        }
        if( used < values.size() ) throw "format: " + pattern + " wants " + used + " values, there are " + values.size();
        return made.add( rest ).toString();
    }

    /** One value in its place. */
    static string one( var pattern : string, var place : string, var letter : int, var value )
    {
        var at : int = 0;
        while( at < place.length() && ("-+0,").find( place.substring( at, 1 ) ) >= 0 ) at += 1;
        var flags : string = strings.range( place, 0, at );
        var point : int = place.find( "." );
        var digits : int = -1;
        var end : int = place.length();
        if( point >= 0 ) {
            digits = strings.from( place, point + 1 ).toInt();
            end = point;
        }
        if( end < at || !format.isPlain( strings.range( place, at, end ) ) || ( point >= 0 && !format.isPlain( strings.from( place, point + 1 ) ) ) ) throw "format: " + pattern + " has a place that is none: %" + place;
        var width : int = strings.range( place, at, end ).toInt();
        var text : string = format.text( pattern, letter, value, digits, flags.find( "," ) >= 0 );
        if( letter == 's' || letter == 'c' || letter == 'x' || letter == 'X' ) {
            if( flags.find( "-" ) >= 0 ) return strings.padRight( text, width );
            if( flags.find( "0" ) >= 0 && letter != 's' && letter != 'c' ) return strings.padLeft( text, width, "0" );
            return strings.padLeft( text, width );
        }
        var sign : string = "";
        if( text.charAt( 0 ) == '-' ) {
            sign = "-";
            text = strings.from( text, 1 );
        }
        else if( flags.find( "+" ) >= 0 ) sign = "+";
        if( flags.find( "-" ) >= 0 ) return strings.padRight( sign + text, width );
        if( flags.find( "0" ) >= 0 ) return sign + strings.padLeft( text, width - sign.length(), "0" );
        return strings.padLeft( sign + text, width );
    }

    /** Of an int or a long. */
    static string hexadecimal( var value )
    {
        if( value.2() :== (0).2() ) return numbers.hex( (int)value );
        return numbers.hex( (long)value );
    }

    static int isPlain( var text : string ) { return text == "" || ( strings.isDigit( text.charAt( 0 ) ) && numbers.isWhole( text ) ); }

    /** The value without sign and width. */
    static string text( var pattern : string, var letter : int, var value, var digits : int, var grouped : int )
    {
        if( letter == 's' ) {
            var all : string = value + "";
            if( digits >= 0 && digits < all.length() ) return strings.range( all, 0, digits );
            return all;
        }
        if( letter == 'c' || letter == 'x' || letter == 'X' || letter == 'd' ) {
            if( value :== null || ( value.2() :!= (0).2() && value.2() :!= (0L).2() ) ) throw "format: %" + strings.char( letter ) + " wants a whole number, not " + value;
        }
        if( letter == 'c' ) return strings.char( ( value + "" ).toInt() );
        if( letter == 'x' ) return format.hexadecimal( value );
        if( letter == 'X' ) return strings.upper( format.hexadecimal( value ) );
        if( letter == 'd' ) {
            if( grouped ) return numbers.grouped( ( value + "" ).toLong(), "," );
            return value + "";
        }
        if( letter == 'f' ) {
            if( value :== null || !.phantom.data.order.isNumber( value.2() ) ) throw "format: %f wants a number, not " + value;
            if( digits < 0 ) digits = 6;
            var made : string = numbers.fixed( .phantom.data.order.toDouble( value, value.2() ), digits );
            if( !grouped || made.find( "n" ) >= 0 ) return made;
            var point : int = made.find( "." );
            if( point < 0 ) point = made.length();
            return numbers.grouped( strings.range( made, 0, point ).toLong(), "," ) + strings.from( made, point );
        }
        throw "format: " + pattern + " has a place for an unknown letter: %" + strings.char( letter );
    }
};
