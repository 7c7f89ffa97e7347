package .phantom.data;

/**
 * Sorting: bottom-up merge sort (Knuth, TAOCP 3, 5.2.4) with runs made by insertion. Stable, n log n comparisons, no
 * recursion; it works in arrays of its own and writes the list once at the end.
 */
class sort
{
    /** Sorts a list; elements that are equal in `by` keep their order. */
    static void list( var values : .phantom.data.list, var by : .phantom.data.order )
    {
        var sorted : .internal.object[] = sort.sorted( values.toArray(), by );
        for( var i : int = 0; i < values.size(); i += 1 ) values.set( i, sorted[i] );
    }

    /** The elements of an array in order; the array given is used as working space. */
    static .internal.object[] sorted( var values : .internal.object[], var by : .phantom.data.order )
    {
        var count : int = values.size();
        var from : .internal.object[] = values;
        var to : .internal.object[] = new .internal.object[]();
        for( var start : int = 0; start < count; start += 8 ) sort.run( from, start, sort.least( start + 8, count ), by );
        for( var width : int = 8; width < count; width += width ) {
            for( var start : int = 0; start < count; start += 2 * width ) {
                sort.merge( from, to, start, sort.least( start + width, count ), sort.least( start + 2 * width, count ), by );
            }
            var other : .internal.object[] = from;
            from = to;
            to = other;
        }
        return from;
    }

    static int least( var a : int, var b : int )
    {
        if( a < b ) return a;
        return b;
    }

    /** Sorts a few elements by insertion. */
    static void run( var a : .internal.object[], var start : int, var end : int, var by : .phantom.data.order )
    {
        for( var i : int = start + 1; i < end; i += 1 ) {
            var value = a[i];
            var j : int = i;
            while( j > start && by.compare( a[j - 1], value ) > 0 ) {
                a[j] = a[j - 1];
                j -= 1;
            }
            a[j] = value;
        }
    }

    static void merge( var from : .internal.object[], var to : .internal.object[], var start : int, var middle : int, var end : int, var by : .phantom.data.order )
    {
        var left : int = start;
        var right : int = middle;
        for( var i : int = start; i < end; i += 1 ) {
            if( left < middle && ( right >= end || by.compare( from[left], from[right] ) <= 0 ) ) {
                to[i] = from[left];
                left += 1;
            }
            else {
                to[i] = from[right];
                right += 1;
            }
        }
    }
};
