package .phantom.text;
import .phantom.data.list;
import .phantom.data.map;

/** Reads one JSON text from its beginning to its end, by recursive descent. */
class jsonReader
{
    var text : string;
    var size : int = 0;
    var at : int = 0;
    var depth : int = 0;

    void jsonReader( var whole : string ) { text = whole; size = whole.length(); }

    /** The value; nothing but blanks may follow it. */
    .internal.object all()
    {
        var read = value();
        blanks();
        if( at < size ) refuse( "the end" );
        return read;
    }

    void refuse( var expected : string )
    {
        var found : string = "the end";
        if( at < size ) found = text.substring( at, 1 );
        throw "json: expected " + expected + " at byte " + at + ", found " + found;
    }

    /** The byte at the cursor, -1 at the end. */
    int peek()
    {
        if( at >= size ) return -1;
        return text.charAt( at );
    }

    void blanks()
    {
        while( peek() == 32 || peek() == 9 || peek() == 10 || peek() == 13 ) at += 1;
    }

    /** Passes over a byte if it is the next after blanks. */
    int accept( var code : int )
    {
        blanks();
        if( peek() != code ) return 0;
        at += 1;
        return 1;
    }

    .internal.object value()
    {
        blanks();
        var code : int = peek();
        if( code == '"' ) return quoted();
        if( code == '{' ) return object();
        if( code == '[' ) return array();
        if( code == '-' || .phantom.text.strings.isDigit( code ) ) return number();
        if( word( "true" ) ) return 1;
        if( word( "false" ) ) return 0;
        if( !word( "null" ) ) refuse( "a value" );
        return null;
    }

    int word( var wanted : string )
    {
        if( !strings.isAt( text, wanted, at ) ) return 0;
        at += wanted.length();
        return 1;
    }

    void deeper()
    {
        depth += 1;
        if( depth > 500 ) throw "json: more than 500 levels at byte " + at;
    }

    .internal.object object()
    {
        var read : map = new map();
        at += 1;
        deeper();
        if( !accept( '}' ) ) {
            do {
                blanks();
                if( peek() != '"' ) refuse( "a key in quotes" );
                var key : .internal.object = quoted();
                if( !accept( ':' ) ) refuse( ":" );
                read.put( key, value() );
            } while( accept( ',' ) );
            if( !accept( '}' ) ) refuse( ", or }" );
        }
        depth -= 1;
        return read;
    }

    .internal.object array()
    {
        var read : list = new list();
        at += 1;
        deeper();
        if( !accept( ']' ) ) {
            do read.add( value() ); while( accept( ',' ) );
            if( !accept( ']' ) ) refuse( ", or ]" );
        }
        depth -= 1;
        return read;
    }

    /** The characters between quotes; the kernel knows the escapes. */
    .internal.object quoted()
    {
        var start : int = at;
        var plain : int = 1;
        at += 1;
        while( peek() != '"' ) {
            if( peek() < 32 ) refuse( "a character or \"" );
            if( peek() == '\\' ) {
                plain = 0;
                at += 1;
            }
            at += 1;
        }
        at += 1;
        if( plain ) return strings.range( text, start + 1, at - 1 );
        var read = strings.range( text, start, at ).parseJson();
        if( read :== null ) throw "json: a wrong escape in the string at byte " + start;
        return read;
    }

    /** Digits; at least one. */
    void digits()
    {
        if( !strings.isDigit( peek() ) ) refuse( "a digit" );
        while( strings.isDigit( peek() ) ) at += 1;
    }

    .internal.object number()
    {
        var start : int = at;
        var whole : int = 1;
        if( peek() == '-' ) at += 1;
        if( peek() == '0' ) at += 1;
        else digits();
        if( peek() == '.' ) {
            whole = 0;
            at += 1;
            digits();
        }
        if( peek() == 'e' || peek() == 'E' ) {
            whole = 0;
            at += 1;
            if( peek() == '+' || peek() == '-' ) at += 1;
            digits();
        }
        var read : string = strings.range( text, start, at );
        if( !whole ) return numbers.toDouble( read );
        // Up to nine digits are an int, whichever they are.
        if( at - start < 10 ) return read.toInt();
        try {
            var value : long = numbers.toLong( read );
            if( value < -2147483648 || value > 2147483647 ) return value;
            return (int)value;
        }
        catch( string tooLarge ) { return numbers.toDouble( read ); }
    }
};
