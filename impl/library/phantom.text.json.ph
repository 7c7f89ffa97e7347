package .phantom.text;
import .phantom.data.list;
import .phantom.data.map;

/**
 * JSON (RFC 8259), to values and from values.
 *
 * An object is a `.phantom.data.map` with strings as keys, in the order of the text; an array a `.phantom.data.list`; a
 * number an int, a long where an int is too small, or a double when it has a fraction, an exponent or more digits than a
 * long; true and false are 1 and 0; null is null. Of a key that comes twice the last value counts.
 */
class json
{
    /** The value of a text. Throws a string that says what was expected where. */
    static .internal.object parse( var text : string ) { return new .phantom.text.jsonReader( text ).all(); }

    /** The text of a value, without blanks. */
    static string print( var value ) { return json.print( value, 0 ); }

    /**
     * The text of a value; with `indent` blanks for each level, on many lines, when `indent` is not 0. Maps become
     * objects; lists, sets and arrays become arrays; what is no number, string or null is printed as the string of its
     * toString, infinite numbers and nan as null.
     */
    static string print( var value, var indent : int )
    {
        var made : builder = new builder();
        json.printTo( made, value, indent, "\n" );
        return made.toString();
    }

    static void printTo( var made : builder, var value, var indent : int, var newline : string )
    {
        if( value :== null ) made.add( "null" );
        else if( value.2() :== ("").2() ) json.quoteTo( made, value );
        else if( .phantom.data.order.isNumber( value.2() ) ) {
            var text : string = value + "";
            // Only what is no number has an n in it.
            if( text.find( "n" ) >= 0 ) text = "null";
            made.add( text );
        }
        else if( value.2() :== ( new map() ).2() ) json.printMap( made, value, indent, newline );
        else if( value.2() :== ( new list() ).2() || value.2() :== ( new .phantom.data.set() ).2() || value.2() :== ( new .internal.object[]() ).2() ) {
            json.printAll( made, value, indent, newline );
        }
        else json.quoteTo( made, value + "" );
    }

    static void printMap( var made : builder, var values : map, var indent : int, var newline : string )
    {
        var inner : string = newline + strings.repeat( " ", indent );
        var first : int = 1;
        made.add( "{" );
        foreach( key in values ) {
            if( !first ) made.add( "," );
            first = 0;
            if( indent ) made.add( inner );
            json.quoteTo( made, key + "" );
            made.add( ":" );
            if( indent ) made.add( " " );
            json.printTo( made, values.get( key ), indent, inner );
        }
        if( indent && !first ) made.add( newline );
        made.add( "}" );
    }

    static void printAll( var made : builder, var values, var indent : int, var newline : string )
    {
        if( values.2() :== ( new list() ).2() ) values = ( (list)values ).toArray();
        if( values.2() :== ( new .phantom.data.set() ).2() ) {
            var members : list = new list();
            members.addAll( values );
            values = members.toArray();
        }
        var elements : .internal.object[] = values;
        var inner : string = newline + strings.repeat( " ", indent );
        made.add( "[" );
        for( var i : int = 0; i < elements.size(); i += 1 ) {
            if( i ) made.add( "," );
            if( indent ) made.add( inner );
            json.printTo( made, elements[i], indent, inner );
        }
        if( indent && elements.size() ) made.add( newline );
        made.add( "]" );
    }

    /** A string as JSON writes it, in quotes. */
    static string quote( var text : string )
    {
        var made : builder = new builder();
        json.quoteTo( made, text );
        return made.toString();
    }

    static void quoteTo( var made : builder, var text : string )
    {
        made.add( "\"" );
        var kept : int = 0;
        for( var i : int = 0; i < text.length(); i += 1 ) {
            var code : int = text.charAt( i );
            if( code >= 32 && code != '"' && code != '\\' ) continue;
            made.add( strings.range( text, kept, i ) );
            kept = i + 1;
            if( code == '"' ) made.add( "\\\"" );
            else if( code == '\\' ) made.add( "\\\\" );
            else if( code == 10 ) made.add( "\\n" );
            else if( code == 9 ) made.add( "\\t" );
            else if( code == 13 ) made.add( "\\r" );
            else made.add( "\\u" ).add( numbers.hex( code, 4 ) );
        }
        made.add( strings.from( text, kept ) ).add( "\"" );
    }
};
