package .phantom.text;

/** Texts of numbers, and numbers of texts. */
class numbers
{
    /** At least `digits` hexadecimal digits; of a negative number all eight of its 32 bits. */
    static string hex( var value : int, var digits : int ) { return strings.padLeft( numbers.unsigned( value, 4 ), digits, "0" ); }

    static string hex( var value : int ) { return numbers.unsigned( value, 4 ); }

    /** Of a negative number all sixteen digits of its 64 bits. */
    static string hex( var value : long )
    {
        var high : int = (int)( value >>> 32 );
        if( high == 0 ) return numbers.hex( (int)value );
        return numbers.hex( high ) + numbers.hex( (int)value, 8 );
    }

    static string binary( var value : int ) { return numbers.unsigned( value, 1 ); }

    static string octal( var value : int ) { return numbers.unsigned( value, 3 ); }

    /** The 32 bits as digits of so many bits. */
    static string unsigned( var value : int, var bits : int )
    {
        var text : string = "";
        var rest : int = value;
        var mask : int = ( 1 << bits ) - 1;
        do {
            text = "0123456789abcdef".substring( rest & mask, 1 ) + text;
            rest = rest >>> bits;
        } while( rest );
        return text;
    }

    /** In another base, from 2 to 36, with its sign. */
    static string base( var value : long, var base : int )
    {
        if( base < 2 || base > 36 ) throw "numbers.base: " + base + " is not from 2 to 36";
        var text : string = "";
        var rest : long = value;
        do {
            var digit : int = (int)( rest % base );
            if( digit < 0 ) digit = -digit;
            text = "0123456789abcdefghijklmnopqrstuvwxyz".substring( digit, 1 ) + text;
            rest = rest / base;
        } while( rest );
        if( value < 0 ) return "-" + text;
        return text;
    }

    /** With a separator between groups of three digits. */
    static string grouped( var value : long, var separator : string )
    {
        var text : string = value + "";
        var made : string = "";
        while( text.length() > 3 && text.substring( text.length() - 4, 1 ) != "-" ) {
            made = separator + strings.from( text, text.length() - 3 ) + made;
            text = strings.range( text, 0, text.length() - 3 );
        }
        return text + made;
    }

    /**
     * With so many digits behind the point: the decimal number that the double prints as, rounded to the nearest, halves
     * away from zero. `inf`, `-inf` and `nan` stay what they are.
     */
    static string fixed( var value : double, var digits : int )
    {
        if( digits < 0 ) throw "numbers.fixed: " + digits + " digits";
        var text : string = value + "";
        if( text.find( "n" ) >= 0 ) return text;
        var sign : string = "";
        if( text.charAt( 0 ) == '-' ) {
            sign = "-";
            text = strings.from( text, 1 );
        }
        var exponent : int = 0;
        var e : int = text.find( "e" );
        if( e >= 0 ) {
            exponent = strings.from( text, e + 1 ).toInt();
            text = strings.range( text, 0, e );
        }
        // All digits, and how many of them stand before the point.
        var point : int = text.find( "." );
        var all : string = text;
        if( point < 0 ) point = text.length();
        else all = strings.range( text, 0, point ) + strings.from( text, point + 1 );
        point += exponent;
        if( point < 1 ) {
            all = strings.repeat( "0", 1 - point ) + all;
            point = 1;
        }
        if( all.length() < point + digits + 1 ) all = all + strings.repeat( "0", point + digits + 1 - all.length() );
        var kept : string = strings.range( all, 0, point + digits );
        if( all.charAt( point + digits ) >= '5' ) kept = numbers.plusOne( kept );
        point = kept.length() - digits;
        // What rounds to zero has no sign.
        if( strings.translate( kept, "0", "" ) == "" ) sign = "";
        if( digits == 0 ) return sign + kept;
        return sign + strings.range( kept, 0, point ) + "." + strings.from( kept, point );
    }

    /** The digits of a number, to those of the next. */
    static string plusOne( var digits : string )
    {
        var at : int = digits.length() - 1;
        while( at >= 0 && digits.charAt( at ) == '9' ) at -= 1;
        var zeros : string = strings.repeat( "0", digits.length() - 1 - at );
        if( at < 0 ) return "1" + zeros;
        return strings.range( digits, 0, at ) + strings.char( digits.charAt( at ) + 1 ) + zeros;
    }

    /** The whole number a text is: digits with perhaps a sign. Throws a string when it is none, or too large for an int. */
    static int toInt( var text : string )
    {
        var value : long = numbers.toLong( text );
        if( value < -2147483648 || value > 2147483647 ) throw "no int: " + text;
        return (int)value;
    }

    static long toLong( var text : string )
    {
        if( !numbers.isWhole( text ) ) throw "no whole number: " + text;
        var value : long = text.toLong();
        // More digits than a long has wrap around; the text of the number then differs.
        var digits : int = 0;
        var sign : int = text.charAt( 0 ) == '-' || text.charAt( 0 ) == '+';
        while( sign + digits < text.length() - 1 && text.charAt( sign + digits ) == '0' ) digits += 1;
        var plain : string = strings.from( text, sign + digits );
        if( text.charAt( 0 ) == '-' && plain != "0" ) plain = "-" + plain;
        if( value + "" != plain ) throw "no long: " + text;
        return value;
    }

    /** Whether a text is digits with perhaps a sign in front. */
    static int isWhole( var text : string )
    {
        var size : int = text.length();
        var at : int = 0;
        if( size > 0 && ( text.charAt( 0 ) == '-' || text.charAt( 0 ) == '+' ) ) at = 1;
        if( at == size ) return 0;
        while( at < size ) {
            if( !strings.isDigit( text.charAt( at ) ) ) return 0;
            at += 1;
        }
        return 1;
    }

    /** The double nearest to a decimal number: `-12.5`, `3`, `.5`, `6.02e23`. Throws a string when the text is none. */
    static double toDouble( var text : string )
    {
        // The kernel's JSON reads numbers, in a stricter form.
        var sign : string = "";
        var at : int = 0;
        var size : int = text.length();
        if( size > 0 && ( text.charAt( 0 ) == '-' || text.charAt( 0 ) == '+' ) ) {
            if( text.charAt( 0 ) == '-' ) sign = "-";
            at = 1;
        }
        while( at < size - 1 && text.charAt( at ) == '0' && strings.isDigit( text.charAt( at + 1 ) ) ) at += 1;
        var plain : string = strings.from( text, at );
        if( plain.length() == 0 || !( strings.isDigit( plain.charAt( 0 ) ) || plain.charAt( 0 ) == '.' ) ) throw "no number: " + text;
        if( plain.charAt( 0 ) == '.' ) plain = "0" + plain;
        if( plain.find( "." ) < 0 && plain.find( "e" ) < 0 && plain.find( "E" ) < 0 ) plain += ".0";
        var read = ( sign + plain ).parseJson();
        if( read :== null || strings.isBlank( plain.charAt( plain.length() - 1 ) ) ) throw "no number: " + text;
        return (double)read;
    }
};
