package .phantom.thread;

/** Opens when it has been counted down often enough; who waits goes on then, and nobody waits at an open one. For any number of threads. */
class latch
{
    var lock : .internal.mutex = new .internal.mutex();
    var opened : .internal.cond = new .internal.cond();
    var left : int;

    void latch( var count : int ) { left = count; }

    void countDown()
    {
        lock.lock();
        if( left > 0 ) left -= 1;
        if( left == 0 ) opened.broadcast();
        lock.unlock();
    }

    /** Waits until it is open. */
    void await()
    {
        lock.lock();
        while( left > 0 ) opened.wait( lock );
        lock.unlock();
    }

    /** How often it must still be counted down. */
    int count() { return left; }
};
