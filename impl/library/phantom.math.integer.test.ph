package .phantom.math;

class integerTest extends .phantom.test.suite
{
    void testAbsMinMaxClampSign()
    {
        equal( integer.abs( -5 ), 5 );
        equal( integer.abs( -5000000000 ), 5000000000 );
        equal( integer.abs( -2147483647 - 1 ), -2147483647 - 1 );
        equal( integer.min( 3, -4 ), -4 );
        equal( integer.max( 3, -4 ), 3 );
        equal( integer.max( 3L, 4 ), 4L );
        equal( integer.clamp( 15, 0, 10 ), 10 );
        equal( integer.clamp( -1, 0, 10 ), 0 );
        equal( integer.clamp( 5, 0, 10 ), 5 );
        equal( integer.sign( -7 ) + integer.sign( 0 ) * 10 + integer.sign( 9 ) * 100, 99 );
    }

    void testFloorDivisionAndRemainderGoTogether()
    {
        for( var a : int = -7; a <= 7; a += 1 ) {
            for( var b : int = -3; b <= 3; b += 1 ) {
                if( b == 0 ) continue;
                var quotient : int = integer.floorDivide( a, b );
                var rest : int = integer.floorModulo( a, b );
                equal( quotient * b + rest, a );
                isTrue( rest == 0 || ( ( rest < 0 ) == ( b < 0 ) && integer.abs( rest ) < integer.abs( b ) ) );
            }
        }
    }

    void testDivisors()
    {
        equal( integer.gcd( 12, 18 ), 6 );
        equal( integer.gcd( -12, 18 ), 6 );
        equal( integer.gcd( 0, 5 ), 5 );
        equal( integer.gcd( 0, 0 ), 0 );
        equal( integer.lcm( 4, 6 ), 12 );
        equal( integer.lcm( 0, 6 ), 0 );
        equal( integer.lcm( 0, 0 ), 0 );
        equal( integer.lcm( 100000, 99999 ), 9999900000 );
    }

    void testPowersAndRoots()
    {
        equal( integer.power( 3, 20 ), 3486784401 );
        equal( integer.power( -2, 63 ), -9223372036854775807 - 1 );
        equal( integer.power( 7, 0 ), 1 );
        for( var n : int = 0; n < 50; n += 1 ) {
            var root : long = integer.root( n );
            isTrue( root * root <= n && ( root + 1 ) * ( root + 1 ) > n );
        }
        equal( integer.root( 9223372036854775807 ), 3037000499 );
        equal( integer.root( 1000000000000 ), 1000000 );
        equal( integer.root( 999999999999 ), 999999 );
        try {
            integer.power( 2, -1 );
            fail( "a negative exponent was taken" );
        }
        catch( string problem ) { equal( problem, "integer.power: the exponent -1 is negative" ); }
    }

    void testBits()
    {
        equal( integer.bitCount( 0 ), 0 );
        equal( integer.bitCount( -1 ), 32 );
        equal( integer.bitCount( 0x50005 ), 4 );
        equal( integer.highestBit( 0 ), -1 );
        equal( integer.highestBit( 1 ), 0 );
        equal( integer.highestBit( 1000 ), 9 );
        equal( integer.highestBit( -1 ), 31 );
    }

    /** There are 25 primes below 100. */
    void testPrimes()
    {
        var count : int = 0;
        for( var n : int = -5; n < 100; n += 1 ) count += integer.isPrime( n );
        equal( count, 25 );
        isTrue( integer.isPrime( 2147483647 ) );
        isFalse( integer.isPrime( 2147117569 ) );
    }
};
