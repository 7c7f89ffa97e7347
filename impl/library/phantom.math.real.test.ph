package .phantom.math;

/** Known values; the accuracy is tested against another library elsewhere. */
class realTest extends .phantom.test.suite
{
    void testRounding()
    {
        equal( real.floor( -1.5 ), -2.0 );
        equal( real.ceil( -1.5 ), -1.0 );
        equal( real.truncate( -1.5 ), -1.0 );
        equal( real.round( -1.5 ), -2.0 );
        equal( real.round( 0.49999999999999994 ), 0.0 );
        equal( real.floor( 1e300 ), 1e300 );
    }

    void testSpecialValues()
    {
        isTrue( real.isNan( real.root( -1.0 ) ) );
        isTrue( real.isInfinite( real.log( 0.0 ) ) );
        isFalse( real.isInfinite( 1e308 ) );
        isFalse( real.isNan( 1.0 / 0.0 ) );
        isTrue( real.isNan( real.max( 0.0 / 0.0, 1.0 ) ) );
        equal( real.min( -1.0, 1.0 ), -1.0 );
        equal( real.abs( -2.5 ), 2.5 );
    }

    void testPythagorasAndEuler()
    {
        equal( real.root( 2.25 ), 1.5 );
        equal( real.hypotenuse( 3.0, 4.0 ), 5.0 );
        near( real.exp( 1.0 ), real.e, 1e-15 );
        near( real.sin( real.pi / 6.0 ), 0.5, 1e-15 );
        near( real.cos( real.pi ), -1.0, 1e-15 );
        near( real.power( 2.0, 0.5 ), real.root( 2.0 ), 1e-15 );
        equal( real.power( 2.0, 10.0 ), 1024.0 );
        near( real.atan2( 1.0, -1.0 ), 3.0 * real.pi / 4.0, 1e-15 );
        try {
            real.sin( 1e10 );
            fail( "too large an angle was taken" );
        }
        catch( string problem ) { equal( problem, "real: the angle 10000000000.0 is too large" ); }
    }
};
