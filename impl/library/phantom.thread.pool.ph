package .phantom.thread;

/** A number of threads that do tasks in the order in which they were given. For any number of threads. */
class pool
{
    var waiting : .phantom.thread.queue = new .phantom.thread.queue();
    var atWork : .phantom.thread.latch;

    void pool( var threads : int )
    {
        if( threads < 1 ) throw "pool: " + threads + " threads";
        atWork = new .phantom.thread.latch( threads );
        var world : .internal.world = new .internal.world();
        for( var i : int = 0; i < threads; i += 1 ) world.startThread( new poolThread( waiting, atWork ), null );
    }

    /** A thread will do the task; the result is the task, to be joined. */
    .phantom.thread.task submit( var work : .phantom.thread.task )
    {
        work.begin();
        waiting.put( work );
        return work;
    }

    /** No more tasks; waits until all that were given are done. */
    void close()
    {
        waiting.close();
        atWork.await();
    }
};

class poolThread
{
    var waiting : .phantom.thread.queue;
    var atWork : .phantom.thread.latch;

    void poolThread( var w : .phantom.thread.queue, var a : .phantom.thread.latch )
    {
        waiting = w;
        atWork = a;
    }

    void run( var nothing ) [8]
    {
        for( var next : .phantom.thread.task = waiting.take(); next :!= null; next = waiting.take() ) next.perform();
        atWork.countDown();
    }
};
