package .phantom.thread;

/**
 * An object with a thread and a mailbox: a subclass gives `receive`, which gets the messages one after another in the
 * order in which they were sent, so what it keeps needs no lock. null is no message.
 */
class actor
{
    var mailbox : .phantom.thread.queue = new .phantom.thread.queue();
    var running : .phantom.thread.task;

    /** What is done with a message. */
    void receive( var message ) {}

    /** Begins its thread. The result is the actor. */
    .phantom.thread.actor start()
    {
        running = new actorTask( this, mailbox );
        running.start();
        return this;
    }

    /** Sends it a message, from any thread; waits for nothing. */
    void send( var message )
    {
        if( message :== null ) throw "actor: null is no message";
        mailbox.put( message );
    }

    /** It takes no more messages; waits until those it has are received. Throws what `receive` threw. */
    void stop()
    {
        mailbox.close();
        running.join();
    }
};

class actorTask extends .phantom.thread.task
{
    var of : .phantom.thread.actor;
    var mailbox : .phantom.thread.queue;

    void actorTask( var a : .phantom.thread.actor, var m : .phantom.thread.queue )
    {
        of = a;
        mailbox = m;
    }

    .internal.object work()
    {
        for( var message = mailbox.take(); message :!= null; message = mailbox.take() ) of.receive( message );
        return null;
    }
};
