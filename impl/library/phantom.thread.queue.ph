package .phantom.thread;

/**
 * A queue between threads: first in, first out, each element to one taker. Any number of threads may put and take. Elements
 * lie in a ring as large as the capacity, or in one that grows, in chunks that are reused.
 */
class queue
{
    var lock : .internal.mutex = new .internal.mutex();
    var changed : .internal.cond = new .internal.cond();
    /** Most elements at a time; 0: no limit. */
    var capacity : int = 0;
    var ring : .phantom.data.list = new .phantom.data.list();
    var first : int = 0;
    var count : int = 0;
    var closed : int = 0;

    /** Without a limit. */
    void queue() {}

    /** `put` waits while so many elements are in it. */
    void queue( var most : int )
    {
        if( most < 1 ) throw "queue: a capacity of " + most;
        capacity = most;
    }

    /** Adds at the end; waits while the queue is full. Throws a string when it is closed. */
    void put( var value )
    {
        lock.lock();
        while( !closed && capacity && count == capacity ) changed.wait( lock );
        if( closed ) {
            lock.unlock();
            throw "queue: closed";
        }
        try { add( value ); }
        catch( .internal.object problem ) {
            // Memory may be full.
            lock.unlock();
            throw problem;
        }
        changed.broadcast();
        lock.unlock();
    }

    /** Puts an element into the ring, which gets larger if it has to and may. */
    void add( var value )
    {
        if( count == ring.size() ) grow();
        ring.set( ( first + count ) % ring.size(), value );
        count += 1;
    }

    /** Twice as many places; those before `first` move behind the old end, so that the order stays. */
    void grow()
    {
        var size : int = ring.size();
        var more : int = size;
        if( more < 8 ) more = 8;
        for( var i : int = 0; i < more; i += 1 ) {
            if( i < first ) {
                ring.add( ring.get( i ) );
                ring.set( i, null );
            }
            else ring.add( null );
        }
    }

    /** Takes the first element; waits while there is none. Of a queue that is closed and empty it is null. */
    .internal.object take()
    {
        lock.lock();
        while( !closed && count == 0 ) changed.wait( lock );
        var taken = remove();
        lock.unlock();
        return taken;
    }

    /** Takes the first element, or null when there is none now. */
    .internal.object poll()
    {
        lock.lock();
        var taken = remove();
        lock.unlock();
        return taken;
    }

    .internal.object remove()
    {
        if( count == 0 ) return null;
        var taken = ring.get( first );
        ring.set( first, null );
        first = ( first + 1 ) % ring.size();
        count -= 1;
        changed.broadcast();
        return taken;
    }

    /** Nothing more can be put; what is in it can be taken, and nobody waits. */
    void close()
    {
        lock.lock();
        closed = 1;
        changed.broadcast();
        lock.unlock();
    }

    int isClosed() { return closed; }

    int size() { return count; }
};
