package .phantom.math;

/**
 * Random numbers of a seed: PCG-XSH-RR 64/32 (M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically
 * Good Algorithms", 2014). The state is in the object, so the sequence goes on across power cuts. The same seed gives the
 * same numbers everywhere. One thread at a time.
 *
 * The 64 bits of the state stand in three fields of 22, 21 and 21 bits: so small an integer is no object of its own, and
 * a number drawn writes to one object only.
 */
class random
{
    var high : int = 0;
    var middle : int = 0;
    var low : int = 0;
    var increment : long = 1442695040888963407;

    /** The stream of numbers of this seed. */
    void random( var seed : long ) { start( seed, 721347520444481703 ); }

    /** One of 2^63 streams of each seed. */
    void random( var seed : long, var stream : long ) { start( seed, stream ); }

    void start( var seed : long, var stream : long )
    {
        increment = ( stream << 1 ) | 1;
        keep( 0 );
        next();
        keep( state() + seed );
        next();
    }

    long state()
    {
        var h : long = high;
        var m : long = middle;
        return ( h << 42 ) | ( m << 21 ) | low;
    }

    void keep( var state : long )
    {
        high = (int)( state >>> 42 );
        middle = (int)( ( state >>> 21 ) & 2097151 );
        low = (int)( state & 2097151 );
    }

    /** Any int. */
    int next()
    {
        var old : long = state();
        keep( old * 6364136223846793005 + increment );
        var mixed : int = (int)( ( ( old >>> 18 ) ^ old ) >>> 27 );
        var turn : int = (int)( old >>> 59 );
        return ( mixed >>> turn ) | ( mixed << ( -turn & 31 ) );
    }

    /** A whole number from 0 to `bound - 1`, each as likely as the others. */
    int below( var bound : int )
    {
        if( bound <= 0 ) throw "random.below: " + bound + " is not positive";
        // Of the 2^31 numbers drawn those beyond the last whole multiple of the bound are drawn again.
        var drawn : int = next() >>> 1;
        while( drawn - drawn % bound > 2147483647 - bound + 1 ) drawn = next() >>> 1;
        return drawn % bound;
    }

    /** A whole number from `least` to `most`, both included. */
    int between( var least : int, var most : int )
    {
        if( most < least ) throw "random.between: nothing from " + least + " to " + most;
        if( most - least >= 0 && most - least < 2147483647 ) return least + below( most - least + 1 );
        // At least half of all ints: one of them is drawn soon.
        var drawn : int = next();
        while( drawn < least || drawn > most ) drawn = next();
        return drawn;
    }

    /** A number from 0 up to, and without, 1, in steps of 2^-53. */
    double unit()
    {
        var a : long = next() >>> 5;
        var b : long = next() >>> 6;
        return ( a * 67108864 + b ) / 9007199254740992.0;
    }

    /** 1 so often out of `of` times, else 0. */
    int chance( var often : int, var of : int ) { return below( of ) < often; }

    /** An element of a list. */
    .internal.object pick( var list : .phantom.data.list ) { return list.get( below( list.size() ) ); }

    /** Brings a list into a random order, each as likely as the others (Fisher and Yates). */
    void shuffle( var list : .phantom.data.list )
    {
        for( var i : int = list.size() - 1; i > 0; i -= 1 ) list.swap( i, below( i + 1 ) );
    }
};
