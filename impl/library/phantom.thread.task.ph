package .phantom.thread;

/**
 * Work for a thread of its own: a subclass gives `work`. `start` starts the thread, `join` waits for it and gives what
 * `work` returned, or throws what it threw. Any number of threads may join; a pool can run a task instead of a thread.
 */
class task
{
    var lock : .internal.mutex = new .internal.mutex();
    var ended : .internal.cond = new .internal.cond();
    /** 0 not begun, 1 under way, 2 returned, 3 threw. */
    var state : int = 0;
    var result;

    /** What is to be done; the result is for who joins. */
    .internal.object work() { return null; }

    /** Begins a thread that does the work. A task is started once. The result is the task. */
    .phantom.thread.task start()
    {
        begin();
        new .internal.world().startThread( new taskThread( this ), null );
        return this;
    }

    /** From here on it is under way. */
    void begin()
    {
        lock.lock();
        var before : int = state;
        state = 1;
        lock.unlock();
        if( before ) throw "task: started already";
    }

    /** Does the work in this thread; for threads and pools. */
    void perform()
    {
        var outcome : int = 2;
        var made = null;
        try { made = work(); }
        catch( .internal.object problem ) {
            made = problem;
            outcome = 3;
        }
        lock.lock();
        result = made;
        state = outcome;
        ended.broadcast();
        lock.unlock();
    }

    /** Waits until the work is done. */
    .internal.object join()
    {
        lock.lock();
        while( state < 2 ) ended.wait( lock );
        lock.unlock();
        if( state == 3 ) throw result;
        return result;
    }

    int isDone() { return state >= 2; }
};

/** What the kernel starts: method 8. It is given nothing but its task. */
class taskThread
{
    var of : .phantom.thread.task;
    void taskThread( var t : .phantom.thread.task ) { of = t; }
    void run( var nothing ) [8] { of.perform(); }
};
