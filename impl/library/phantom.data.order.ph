package .phantom.data;

/**
 * An order of values, for sorting and searching; this one is the natural order: numbers by size, strings by their bytes,
 * objects of other classes by their method `compareTo( other )`, null before everything.
 *
 * A subclass overrides `compare`. Values of different number types are compared as doubles.
 */
class order
{
    /** Negative when `a` comes before `b`, 0 when neither does, positive when `b` comes first. */
    int compare( var a, var b )
    {
        if( a :== b ) return 0;
        if( a :== null ) return -1;
        if( b :== null ) return 1;
        var kind = a.2();
        var other = b.2();
        if( kind :== other ) {
            if( kind :== (0).2() ) {
                var i : int = a;
                var j : int = b;
                return ( i > j ) - ( i < j );
            }
            if( kind :== ("").2() ) return order.strings( a, b );
            if( kind :== (0L).2() ) {
                var l : long = a;
                var m : long = b;
                return ( l > m ) - ( l < m );
            }
        }
        if( order.isNumber( kind ) && order.isNumber( other ) ) {
            var d : double = order.toDouble( a, kind );
            var e : double = order.toDouble( b, other );
            return ( d > e ) - ( d < e );
        }
        if( order.isNumber( kind ) || kind :== ("").2() || kind :!= other ) throw "order: values of these classes have no common order";
        return (int)a.compareTo( b );
    }

    /** Whether a class object is that of a number. */
    static int isNumber( var kind )
    {
        return kind :== (0).2() || kind :== (0L).2() || kind :== (0.0).2() || kind :== (0.0f).2();
    }

    static double toDouble( var value, var kind )
    {
        if( kind :== (0).2() ) { var i : int = value; return i; }
        if( kind :== (0L).2() ) { var l : long = value; return l; }
        if( kind :== (0.0f).2() ) { var f : float = value; return f; }
        var d : double = value;
        return d;
    }

    /** Strings by their bytes; of two that begin alike the shorter comes first. */
    static int strings( var a : string, var b : string )
    {
        var lengthA : int = a.length();
        var lengthB : int = b.length();
        for( var i : int = 0; i < lengthA && i < lengthB; i += 1 ) {
            var difference : int = a.charAt( i ) - b.charAt( i );
            if( difference ) return difference;
        }
        return lengthA - lengthB;
    }

    /** Whether two values are of one class and equal; the rule for keys and elements of collections. */
    static int same( var a, var b )
    {
        return a :== b || ( a.2() :== b.2() && (int)a.4( b ) );
    }
};
