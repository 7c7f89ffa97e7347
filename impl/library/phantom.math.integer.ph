package .phantom.math;

/** Functions of whole numbers. What does not fit wraps around, as the operators do, unless a function says otherwise. */
class integer
{
    static int abs( var n : int )
    {
        if( n < 0 ) return -n;
        return n;
    }

    static long abs( var n : long )
    {
        if( n < 0 ) return -n;
        return n;
    }

    static int min( var a : int, var b : int )
    {
        if( a < b ) return a;
        return b;
    }

    static long min( var a : long, var b : long )
    {
        if( a < b ) return a;
        return b;
    }

    static int max( var a : int, var b : int )
    {
        if( a > b ) return a;
        return b;
    }

    static long max( var a : long, var b : long )
    {
        if( a > b ) return a;
        return b;
    }

    /** The number, or the end of the range that it is beyond. */
    static int clamp( var n : int, var least : int, var most : int )
    {
        return integer.min( integer.max( n, least ), most );
    }

    /** -1, 0 or 1. */
    static int sign( var n : long ) { return ( n > 0 ) - ( n < 0 ); }

    /** The quotient rounded down, where `/` rounds towards zero. */
    static int floorDivide( var a : int, var b : int )
    {
        var quotient : int = a / b;
        if( a % b != 0 && ( a < 0 ) != ( b < 0 ) ) return quotient - 1;
        return quotient;
    }

    /** The remainder that goes with it: it has the sign of the divisor. */
    static int floorModulo( var a : int, var b : int )
    {
        var rest : int = a % b;
        if( rest != 0 && ( rest < 0 ) != ( b < 0 ) ) return rest + b;
        return rest;
    }

    /** The greatest common divisor, by Euclid; of 0 and 0 it is 0. */
    static long gcd( var a : long, var b : long )
    {
        while( b ) {
            var rest : long = a % b;
            a = b;
            b = rest;
        }
        return integer.abs( a );
    }

    /** The least common multiple. */
    static long lcm( var a : long, var b : long )
    {
        if( a == 0 || b == 0 ) return 0;
        return integer.abs( a / integer.gcd( a, b ) * b );
    }

    /** A whole power, by squaring. */
    static long power( var base : long, var exponent : int )
    {
        if( exponent < 0 ) throw "integer.power: the exponent " + exponent + " is negative";
        var result : long = 1;
        while( exponent ) {
            if( exponent & 1 ) result *= base;
            base *= base;
            exponent = exponent >> 1;
        }
        return result;
    }

    /** The whole part of a square root. */
    static long root( var n : long )
    {
        if( n < 0 ) throw "integer.root: " + n + " is negative";
        // Bit by bit, from the highest that a root of 63 bits may have.
        var root : long = 0;
        for( var bit : long = 2147483648; bit; bit = bit >> 1 ) {
            var more : long = root + bit;
            // 3037000499 is the root of the largest long.
            if( more <= 3037000499 && more * more <= n ) root = more;
        }
        return root;
    }

    /** How many of the 32 bits are 1. */
    static int bitCount( var n : int )
    {
        var count : int = 0;
        while( n ) {
            n = n & ( n - 1 );
            count += 1;
        }
        return count;
    }

    /** The number of the highest bit that is 1, from 0; -1 of 0. */
    static int highestBit( var n : int )
    {
        var bit : int = -1;
        while( n ) {
            n = n >>> 1;
            bit += 1;
        }
        return bit;
    }

    /** By trial division. */
    static int isPrime( var n : int )
    {
        if( n < 4 ) return n > 1;
        if( n % 2 == 0 ) return 0;
        for( var divisor : int = 3; divisor <= 46340 && divisor * divisor <= n; divisor += 2 ) {
            if( n % divisor == 0 ) return 0;
        }
        return 1;
    }
};
