package .phantom.test;

/**
 * Tests of something: a subclass in a file `NAME.test.ph`, each of whose methods `test…()` without parameters is a test.
 * `phantom test` makes an object for each of them and calls `before`, the test, `after`.
 *
 * A check that does not hold throws a `failure` and ends its test; it says what was expected and what was found, and the
 * line it stands on, which the compiler gives to the parameter `callerLine`.
 */
class suite
{
    var checks : int = 0;
    var handed : .internal.boot;

    void before() {}

    /** Called after a failure too. */
    void after() {}

    /** Checks so far. */
    int checked() { return checks; }

    /** The boot object: threads, printing, sleep, classes. */
    .internal.boot boot() { return handed; }

    /** Called by who runs the tests, before anything else. */
    void hand( var boot : .internal.boot ) { handed = boot; }

    /** A value as failures show it: strings in quotes, with the class where the text does not tell. */
    string show( var value )
    {
        if( value :== null ) return "null";
        if( value.2() :== ("").2() ) return .phantom.text.json.quote( value );
        if( value.2() :== (0L).2() ) return value + "L";
        if( value.2() :== (0.0f).2() ) return value + "f";
        return value + "";
    }

    /** Whether two values are equal: as keys of maps are, and numbers by their value whatever their types. */
    int agree( var found, var expected )
    {
        if( .phantom.data.order.same( found, expected ) ) return 1;
        if( found :== null || expected :== null ) return 0;
        if( !.phantom.data.order.isNumber( found.2() ) || !.phantom.data.order.isNumber( expected.2() ) ) return 0;
        if( found.2() :== expected.2() ) return 0;
        return new .phantom.data.order().compare( found, expected ) == 0;
    }

    /** What was found is what was expected. */
    void equal( var found, var expected, var callerLine : int )
    {
        checks += 1;
        if( agree( found, expected ) ) return;
        throw new failure( "not equal", callerLine, show( expected ), show( found ) );
    }

    void notEqual( var found, var other, var callerLine : int )
    {
        checks += 1;
        if( agree( found, other ) ) throw new failure( "equal", callerLine, "something else", show( found ) );
    }

    /** A number differs from the expected one by no more than `tolerance`. */
    void near( var found : double, var expected : double, var tolerance : double, var callerLine : int )
    {
        checks += 1;
        if( found - expected <= tolerance && expected - found <= tolerance ) return;
        throw new failure( "not near enough", callerLine, expected + " +- " + tolerance, found + "" );
    }

    void isTrue( var condition : int, var callerLine : int )
    {
        checks += 1;
        if( !condition ) throw new failure( "not true", callerLine, "true", "0" );
    }

    void isFalse( var condition : int, var callerLine : int )
    {
        checks += 1;
        if( condition ) throw new failure( "not false", callerLine, "false", condition + "" );
    }

    void isNull( var found, var callerLine : int )
    {
        checks += 1;
        if( found :!= null ) throw new failure( "not null", callerLine, "null", show( found ) );
    }

    void notNull( var found, var callerLine : int )
    {
        checks += 1;
        if( found :== null ) throw new failure( "null", callerLine, "an object", "null" );
    }

    /** Both are one object. */
    void same( var found, var expected, var callerLine : int )
    {
        checks += 1;
        if( found :!= expected ) throw new failure( "not the same object", callerLine, show( expected ), show( found ) );
    }

    /** The test fails here: for places that must not be reached. */
    void fail( var message : string, var callerLine : int )
    {
        checks += 1;
        throw new failure( message, callerLine );
    }
};
