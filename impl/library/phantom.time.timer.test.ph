package .phantom.time;

class timerTest extends .phantom.test.suite
{
    void testOnce()
    {
        var one : counting = new counting();
        one.after( 20 );
        equal( one.count(), 0 );
        clock.sleep( 60 );
        equal( one.count(), 1 );
        try {
            one.after( 20 );
            fail( "it was started twice" );
        }
        catch( string problem ) { equal( problem, "timer: it is running already" ); }
    }

    void testAgainUntilCancelled()
    {
        var one : counting = new counting();
        one.every( 10 );
        clock.sleep( 105 );
        one.cancel();
        var fired : int = one.count();
        isTrue( fired >= 4 && fired <= 10 );
        clock.sleep( 50 );
        equal( one.count(), fired );
    }

    void testCancelledBeforeItFires()
    {
        var one : counting = new counting();
        one.after( 20 );
        one.cancel();
        clock.sleep( 40 );
        equal( one.count(), 0 );
    }
};

class clockTest extends .phantom.test.suite
{
    void testTheClockGoesOn()
    {
        var before : long = clock.seconds();
        isTrue( before > 946684800 );
        clock.sleep( 1100 );
        var passed : long = clock.seconds() - before;
        // A power cut takes the clock a little further.
        isTrue( passed >= 1 && passed < 60 );
        isTrue( clock.now().seconds() >= before + passed );
    }

    void testBootsAreCounted() { equal( boot().waitForBoot( clock.boot() - 1 ), clock.boot() ); }
};

class counting extends .phantom.time.timer
{
    var fired : int = 0;
    void fire() { fired += 1; }
    int count() { return fired; }
};
