package .phantom.text;

/**
 * Makes a long string of many short ones.
 *
 * Pieces are kept as a binary counter keeps bits: a piece is joined with the one before it as soon as that one is not
 * longer, so n bytes are copied about log n times, and an addition rarely touches more than a page. One thread at a time.
 */
class builder
{
    var pieces : string[] = new string[]();
    var used : int = 0;
    var bytes : int = 0;

    /** Adds the text of a value. The result is the builder, so additions can be chained. */
    .phantom.text.builder add( var value )
    {
        var text : string = value.5();
        var size : int = text.length();
        if( size == 0 ) return this;
        bytes += size;
        while( used > 0 && pieces[used - 1].length() <= text.length() ) {
            text = pieces[used - 1].concat( text );
            used -= 1;
            pieces[used] = null;
        }
        pieces[used] = text;
        used += 1;
        return this;
    }

    /** Adds a value and a newline. */
    .phantom.text.builder line( var value )
    {
        add( value );
        return add( "\n" );
    }

    /** Adds a character by its code point. */
    .phantom.text.builder addChar( var code : int ) { return add( .phantom.text.strings.char( code ) ); }

    /** Adds a text several times. */
    .phantom.text.builder repeat( var text : string, var times : int )
    {
        for( var i : int = 0; i < times; i += 1 ) add( text );
        return this;
    }

    /** Bytes so far. */
    int length() { return bytes; }

    int isEmpty() { return bytes == 0; }

    void clear()
    {
        pieces = new string[]();
        used = 0;
        bytes = 0;
    }

    string toString()
    {
        if( used == 0 ) return "";
        while( used > 1 ) {
            pieces[used - 2] = pieces[used - 2].concat( pieces[used - 1] );
            used -= 1;
            pieces[used] = null;
        }
        return pieces[0];
    }
};
