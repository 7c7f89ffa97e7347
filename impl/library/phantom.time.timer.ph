package .phantom.time;

/**
 * Something to be done later, or again and again: a subclass gives `fire`, which a thread of the timer's calls. Time counts
 * while the machine runs; a timer goes on after a power cut with the time it had left. For any number of threads.
 */
class timer
{
    var lock : .internal.mutex = new .internal.mutex();
    var changed : .internal.cond = new .internal.cond();
    var running : int = 0;
    var cancelled : int = 0;

    /** What is to be done. */
    void fire() {}

    /** Fires once, after so many milliseconds. The result is the timer. */
    .phantom.time.timer after( var milliseconds : int ) { return begin( milliseconds, 0 ); }

    /** Fires each time that so many milliseconds have passed, until it is cancelled. The result is the timer. */
    .phantom.time.timer every( var milliseconds : int ) { return begin( milliseconds, 1 ); }

    .phantom.time.timer begin( var milliseconds : int, var again : int )
    {
        lock.lock();
        var before : int = running;
        running = 1;
        lock.unlock();
        if( before ) throw "timer: it is running already";
        new .internal.world().startThread( new timerThread( this, milliseconds, again ), null );
        return this;
    }

    /** It does not fire any more, but for a `fire` that is under way. */
    void cancel()
    {
        lock.lock();
        cancelled = 1;
        changed.broadcast();
        lock.unlock();
    }

    /** Waits, for its thread; 1 when it is to fire. */
    int due( var milliseconds : int )
    {
        lock.lock();
        // Only cancel wakes it before its time.
        if( !cancelled ) changed.twait( lock, milliseconds );
        var wanted : int = !cancelled;
        lock.unlock();
        return wanted;
    }
};

class timerThread
{
    var of : .phantom.time.timer;
    var milliseconds : int;
    var again : int;

    void timerThread( var t : .phantom.time.timer, var m : int, var a : int )
    {
        of = t;
        milliseconds = m;
        again = a;
    }

    void run( var nothing ) [8]
    {
        while( of.due( milliseconds ) ) {
            of.fire();
            if( !again ) return;
        }
    }
};
