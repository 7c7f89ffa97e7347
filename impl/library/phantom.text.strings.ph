package .phantom.text;
import .phantom.data.list;

/**
 * Functions of strings. A string is bytes, by custom UTF-8; positions and lengths count bytes, upper and lower case are
 * those of ASCII.
 */
class strings
{
    /** The bytes from `from` to the end. */
    static string from( var text : string, var start : int )
    {
        if( start == text.length() ) return "";
        return text.substring( start, text.length() - start );
    }

    /** The bytes from `start` up to, and without, `end`. */
    static string range( var text : string, var start : int, var end : int )
    {
        if( start < 0 || end < start || end > text.length() ) throw "strings.range: " + start + " to " + end + " of " + text.length() + " bytes";
        if( start == end ) return "";
        return text.substring( start, end - start );
    }

    static int startsWith( var text : string, var part : string )
    {
        return strings.isAt( text, part, 0 );
    }

    static int endsWith( var text : string, var part : string )
    {
        return strings.isAt( text, part, text.length() - part.length() );
    }

    /** Whether `part` stands at that place of the text. */
    static int isAt( var text : string, var part : string, var place : int )
    {
        var size : int = part.length();
        if( place < 0 || place + size > text.length() ) return 0;
        return size == 0 || text.substring( place, size ) == part;
    }

    static int contains( var text : string, var part : string ) { return text.find( part ) >= 0; }

    /** The first place of `part` from `start` on, or -1. */
    static int find( var text : string, var part : string, var start : int )
    {
        if( start < 0 || start > text.length() ) return -1;
        var at : int = strings.from( text, start ).find( part );
        if( at < 0 ) return -1;
        return start + at;
    }

    /** The last place of `part`, or -1. */
    static int findLast( var text : string, var part : string )
    {
        for( var at : int = text.length() - part.length(); at >= 0; at -= 1 ) {
            if( strings.isAt( text, part, at ) ) return at;
        }
        return -1;
    }

    static int isBlank( var code : int ) { return code == 32 || ( code >= 9 && code <= 13 ); }

    static int isDigit( var code : int ) { return code >= '0' && code <= '9'; }

    static int isLetter( var code : int ) { return ( code >= 'a' && code <= 'z' ) || ( code >= 'A' && code <= 'Z' ); }

    /** Without blanks at both ends. */
    static string trim( var text : string )
    {
        var start : int = 0;
        var end : int = text.length();
        while( start < end && strings.isBlank( text.charAt( start ) ) ) start += 1;
        while( end > start && strings.isBlank( text.charAt( end - 1 ) ) ) end -= 1;
        return strings.range( text, start, end );
    }

    static string upper( var text : string )
    {
        return strings.translate( text, "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" );
    }

    static string lower( var text : string )
    {
        return strings.translate( text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz" );
    }

    /** Each byte that stands in `of` replaced by the one at its place in `by`, or left out when `by` has none there. */
    static string translate( var text : string, var of : string, var by : string )
    {
        var made : builder = new builder();
        var kept : int = 0;
        for( var i : int = 0; i < text.length(); i += 1 ) {
            var at : int = of.find( text.substring( i, 1 ) );
            if( at < 0 ) continue;
            made.add( strings.range( text, kept, i ) );
            if( at < by.length() ) made.add( by.substring( at, 1 ) );
            kept = i + 1;
        }
        return made.add( strings.from( text, kept ) ).toString();
    }

    /** Every occurrence of `part`, from the left, replaced. */
    static string replace( var text : string, var part : string, var by : string )
    {
        return strings.join( strings.split( text, part ), by );
    }

    /** What stands between occurrences of `part`: always one more than there are. */
    static list split( var text : string, var part : string )
    {
        if( part.length() == 0 ) throw "strings.split: nothing to split by";
        var pieces : list = new list();
        var rest : string = text;
        for( var at : int = rest.find( part ); at >= 0; at = rest.find( part ) ) {
            pieces.add( strings.range( rest, 0, at ) );
            rest = strings.from( rest, at + part.length() );
        }
        pieces.add( rest );
        return pieces;
    }

    /** The words between blanks. */
    static list words( var text : string )
    {
        var found : list = new list();
        var start : int = 0;
        var size : int = text.length();
        for( var i : int = 0; i <= size; i += 1 ) {
            if( i < size && !strings.isBlank( text.charAt( i ) ) ) continue;
            if( i > start ) found.add( strings.range( text, start, i ) );
            start = i + 1;
        }
        return found;
    }

    /** The texts of what `foreach` finds in `values`, with `between` between them. */
    static string join( var values, var between : string )
    {
        var made : builder = new builder();
        var first : int = 1;
        foreach( value in values ) {
            if( !first ) made.add( between );
            first = 0;
            made.add( value );
        }
        return made.toString();
    }

    static string repeat( var text : string, var times : int )
    {
        return new builder().repeat( text, times ).toString();
    }

    /** Blanks in front, up to the width. */
    static string padLeft( var value, var width : int ) { return strings.padLeft( value, width, " " ); }

    static string padLeft( var value, var width : int, var by : string )
    {
        var text : string = value + "";
        return strings.repeat( by, width - text.length() ) + text;
    }

    /** Blanks behind, up to the width. */
    static string padRight( var value, var width : int ) { return strings.padRight( value, width, " " ); }

    static string padRight( var value, var width : int, var by : string )
    {
        var text : string = value + "";
        return text + strings.repeat( by, width - text.length() );
    }

    /** The bytes from the last to the first. */
    static string reverse( var text : string )
    {
        var made : builder = new builder();
        for( var i : int = text.length() - 1; i >= 0; i -= 1 ) made.add( text.substring( i, 1 ) );
        return made.toString();
    }

    /** Negative, 0 or positive, as `a` comes before `b`, is the same, or comes after, byte by byte. */
    static int compare( var a : string, var b : string ) { return .phantom.data.order.strings( a, b ); }

    /** The character of a code point, in UTF-8. */
    static string char( var code : int )
    {
        if( code >= 32 && code < 127 ) {
            return " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~".substring( code - 32, 1 );
        }
        if( code < 0 || code > 1114111 || ( code >= 55296 && code < 57344 ) ) throw "strings.char: " + code + " is no character";
        // The kernel's JSON knows characters by their codes in UTF-16.
        var units : string = "\"";
        if( code < 65536 ) units += "\\u" + numbers.hex( code, 4 );
        else units += "\\u" + numbers.hex( 55296 + ( ( code - 65536 ) >> 10 ), 4 ) + "\\u" + numbers.hex( 56320 + ( ( code - 65536 ) & 1023 ), 4 );
        return ( units + "\"" ).parseJson();
    }
};
