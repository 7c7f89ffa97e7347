package .phantom.math;

/**
 * Functions of doubles, made of the machine's four operations, so they give the same bits everywhere. `floor`, `ceil`,
 * `truncate`, `round`, `abs`, `min`, `max` are exact; `root` is within one unit in the last place; `exp`, `log`, `atan`, and
 * `sin` and `cos` of angles up to a million within a few units; `power` has the error of `exp` times its exponent's.
 *
 * Methods: reduction of the argument to a short interval (W. Cody and W. Waite, Software Manual for the Elementary Functions,
 * 1980), there a series.
 */
class real
{
    static double pi = 3.141592653589793;
    static double e = 2.718281828459045;

    static double abs( var x : double )
    {
        if( x < 0.0 ) return -x;
        // -0.0 too.
        return x + 0.0;
    }

    static double min( var a : double, var b : double )
    {
        if( a < b || a != a ) return a;
        return b;
    }

    static double max( var a : double, var b : double )
    {
        if( a > b || a != a ) return a;
        return b;
    }

    static int isNan( var x : double ) { return x != x; }

    static int isInfinite( var x : double ) { return x == x && x - x != 0.0; }

    /** The whole part. */
    static double truncate( var x : double )
    {
        // Beyond 2^52 there are no fractions; nan comes here too.
        if( !( real.abs( x ) < 4503599627370496.0 ) ) return x;
        var whole : long = (long)x;
        return (double)whole;
    }

    /** The largest whole number that is not greater. */
    static double floor( var x : double )
    {
        var whole : double = real.truncate( x );
        if( whole > x ) return whole - 1.0;
        return whole;
    }

    /** The smallest whole number that is not less. */
    static double ceil( var x : double )
    {
        var whole : double = real.truncate( x );
        if( whole < x ) return whole + 1.0;
        return whole;
    }

    /** The nearest whole number, halves away from zero. */
    static double round( var x : double )
    {
        var whole : double = real.truncate( x );
        if( x - whole >= 0.5 ) return whole + 1.0;
        if( whole - x >= 0.5 ) return whole - 1.0;
        return whole;
    }

    /** x times 2 to the n. */
    static double scale( var x : double, var n : int )
    {
        while( n > 1000 ) { x *= real.twoTo( 1000 ); n -= 1000; }
        while( n < -1000 ) { x /= real.twoTo( 1000 ); n += 1000; }
        if( n < 0 ) return x / real.twoTo( -n );
        return x * real.twoTo( n );
    }

    /** 2 to the n, from 0 to 1000. */
    static double twoTo( var n : int )
    {
        var power : double = 1.0;
        var square : double = 2.0;
        while( n ) {
            if( n & 1 ) power *= square;
            square *= square;
            n = n >> 1;
        }
        return power;
    }

    /** The exponent of a positive finite number: x is from 1 to 2 times 2 to it. */
    static int exponent( var x : double )
    {
        var n : int = 0;
        for( var step : int = 512; step; step = step >> 1 ) {
            if( x >= real.twoTo( step ) ) { x /= real.twoTo( step ); n += step; }
        }
        if( x >= 1.0 ) return n;
        // Numbers below 2^-1022 have fewer digits: twice as far down.
        for( var step : int = 512; step; step = step >> 1 ) {
            while( x * real.twoTo( step ) < 2.0 ) { x *= real.twoTo( step ); n -= step; }
        }
        return n;
    }

    /** The square root; of a negative number nan. */
    static double root( var x : double )
    {
        if( x == 0.0 || x != x ) return x;
        if( x < 0.0 ) return 0.0 / 0.0;
        if( real.isInfinite( x ) ) return x;
        var half : int = real.exponent( x ) >> 1;
        // From 1 to 4; Newton's method doubles the right digits each time, from two.
        var m : double = real.scale( x, -2 * half );
        var y : double = 0.5 + 0.42 * m;
        for( var i : int = 0; i < 5; i += 1 ) y = 0.5 * ( y + m / y );
        return real.scale( y, half );
    }

    /** The hypotenuse, without overflow in between. */
    static double hypotenuse( var a : double, var b : double )
    {
        var large : double = real.max( real.abs( a ), real.abs( b ) );
        var small : double = real.min( real.abs( a ), real.abs( b ) );
        if( large == 0.0 || real.isInfinite( large ) ) return large;
        var ratio : double = small / large;
        return large * real.root( 1.0 + ratio * ratio );
    }

    /** e to the x. */
    static double exp( var x : double )
    {
        if( x != x ) return x;
        if( x > 709.8 ) return 1.0 / 0.0;
        if( x < -745.2 ) return 0.0;
        var n : int = (int)real.round( x / 0.6931471805599453 );
        // ln 2 in two parts, the first so short that n times it is exact.
        var r : double = ( x - n * 0.693147180369123816490 ) - n * 1.90821492927058770002e-10;
        var sum : double = 0.0;
        for( var i : int = 15; i > 0; i -= 1 ) sum = ( sum + 1.0 ) * r / i;
        return real.scale( 1.0 + sum, n );
    }

    /** The natural logarithm; of 0 minus infinity, of a negative number nan. */
    static double log( var x : double )
    {
        if( x != x || x < 0.0 ) return 0.0 / 0.0;
        if( x == 0.0 ) return -1.0 / 0.0;
        if( real.isInfinite( x ) ) return x;
        var n : int = real.exponent( x );
        var m : double = real.scale( x, -n );
        if( m > 1.4142135623730951 ) { m *= 0.5; n += 1; }
        // log m = 2 artanh s, s at most 0.172.
        var s : double = ( m - 1.0 ) / ( m + 1.0 );
        var square : double = s * s;
        var sum : double = 0.0;
        for( var i : int = 27; i > 1; i -= 2 ) sum = ( sum + 1.0 / i ) * square;
        return n * 0.693147180369123816490 + ( n * 1.90821492927058770002e-10 + 2.0 * s * sum + 2.0 * s );
    }

    static double log10( var x : double ) { return real.log( x ) / 2.302585092994046; }

    static double log2( var x : double ) { return real.log( x ) / 0.6931471805599453; }

    /** x to the y. A negative x has whole powers only; others are nan. */
    static double power( var x : double, var y : double )
    {
        if( y == 0.0 || x == 1.0 ) return 1.0;
        if( y == real.truncate( y ) && real.abs( y ) <= 1024.0 ) {
            var n : int = (int)real.abs( y );
            var result : double = 1.0;
            var square : double = x;
            while( n ) {
                if( n & 1 ) result *= square;
                square *= square;
                n = n >> 1;
            }
            if( y < 0.0 ) return 1.0 / result;
            return result;
        }
        if( x == 0.0 ) {
            if( y > 0.0 ) return 0.0;
            return 1.0 / 0.0;
        }
        if( x > 0.0 ) return real.exp( y * real.log( x ) );
        if( y != real.truncate( y ) ) return 0.0 / 0.0;
        var size : double = real.exp( y * real.log( -x ) );
        if( real.truncate( y / 2.0 ) * 2.0 == y ) return size;
        return -size;
    }

    static double sin( var x : double ) { return real.circular( x, 0 ); }

    static double cos( var x : double ) { return real.circular( x, 1 ); }

    static double tan( var x : double ) { return real.sin( x ) / real.cos( x ); }

    /** The sine of x and so many quarter turns. */
    static double circular( var x : double, var quarters : int )
    {
        if( !( real.abs( x ) < 1000000000.0 ) ) {
            if( x != x || real.isInfinite( x ) ) return 0.0 / 0.0;
            throw "real: the angle " + x + " is too large";
        }
        var n : int = (int)real.round( x / 1.5707963267948966 );
        // Half of pi in three parts, of which n times the first two are exact.
        var r : double = ( ( x - n * 1.57079632673412561417 ) - n * 6.07710050630396597660e-11 ) - n * 2.02226624879595063154e-21;
        var turn : int = ( n + quarters ) & 3;
        var square : double = r * r;
        var value : double = 0.0;
        if( turn & 1 ) {
            for( var i : int = 20; i > 0; i -= 2 ) value = ( 1.0 + value ) * square / -( i * ( i - 1 ) );
            value += 1.0;
        }
        else {
            for( var i : int = 21; i > 1; i -= 2 ) value = ( 1.0 + value ) * square / -( i * ( i - 1 ) );
            value = r + r * value;
        }
        if( turn & 2 ) return -value;
        return value;
    }

    /** The angle, from -pi/2 to pi/2, whose tangent is x. */
    static double atan( var x : double )
    {
        if( x != x ) return x;
        if( x < 0.0 ) return -real.atan( -x );
        if( x > 1.0 ) return 1.5707963267948966 - real.atan( 1.0 / x );
        // Of half the angle, and of half of that, so that the series is short.
        var t : double = x / ( 1.0 + real.root( 1.0 + x * x ) );
        t = t / ( 1.0 + real.root( 1.0 + t * t ) );
        var square : double = t * t;
        var sum : double = 0.0;
        for( var i : int = 27; i > 1; i -= 2 ) sum = ( 1.0 / i - sum ) * square;
        return 4.0 * ( t - t * sum );
    }

    /** The angle of the point (x, y), from -pi to pi. */
    static double atan2( var y : double, var x : double )
    {
        if( x != x || y != y ) return x + y;
        if( x > 0.0 ) return real.atan( y / x );
        if( x < 0.0 && y >= 0.0 ) return real.atan( y / x ) + real.pi;
        if( x < 0.0 ) return real.atan( y / x ) - real.pi;
        if( y > 0.0 ) return 1.5707963267948966;
        if( y < 0.0 ) return -1.5707963267948966;
        return x + y;
    }

    /** The angle, from -pi/2 to pi/2, whose sine is x; nan beyond 1. */
    static double asin( var x : double ) { return real.atan2( x, real.root( ( 1.0 - x ) * ( 1.0 + x ) ) ); }

    /** The angle, from 0 to pi, whose cosine is x; nan beyond 1. */
    static double acos( var x : double ) { return real.atan2( real.root( ( 1.0 - x ) * ( 1.0 + x ) ), x ); }
};
