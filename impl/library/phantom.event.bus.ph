package .phantom.event;
import .phantom.data.*;

/**
 * Events by topic, from who publishes to who has subscribed. Listeners hear in the order in which they subscribed, in the
 * thread of who publishes, with no lock held, so they may publish and subscribe themselves. For any number of threads.
 */
class bus
{
    var lock : .internal.mutex = new .internal.mutex();
    /** Lists of listeners, which do not change: a change puts a new one in place. */
    var topics : map = new map();

    /** The listener hears the topic's events from now on; once, however often it subscribes. */
    void subscribe( var topic : string, var who : .phantom.event.listener )
    {
        lock.lock();
        try {
            var after : list = copied( topic );
            if( index( after, who ) < 0 ) after.add( who );
            topics.put( topic, after );
        }
        catch( .internal.object problem ) {
            // Memory may be full.
            lock.unlock();
            throw problem;
        }
        lock.unlock();
    }

    /** 1, or 0 when the listener had not subscribed. An event being published may still reach it. */
    int unsubscribe( var topic : string, var who : .phantom.event.listener )
    {
        lock.lock();
        var at : int = -1;
        try {
            var after : list = copied( topic );
            at = index( after, who );
            if( at >= 0 ) after.removeAt( at );
            topics.put( topic, after );
        }
        catch( .internal.object problem ) {
            lock.unlock();
            throw problem;
        }
        lock.unlock();
        return at >= 0;
    }

    /** Who has subscribed to a topic, in a list of its own. */
    list copied( var topic : string )
    {
        var all : list = new list();
        if( topics.contains( topic ) ) all.addAll( topics.get( topic ) );
        return all;
    }

    int index( var among : list, var who : .phantom.event.listener )
    {
        for( var i : int = 0; i < among.size(); i += 1 ) if( among.get( i ) :== who ) return i;
        return -1;
    }

    /**
     * Tells all who have subscribed to the topic; the result is how many. When listeners throw, the others hear all the
     * same, and then what the first threw is thrown here.
     */
    int publish( var topic : string, var event )
    {
        lock.lock();
        var listeners : list = topics.get( topic );
        lock.unlock();
        if( listeners :== null ) return 0;
        var threw : int = 0;
        var thrown = null;
        foreach( one in listeners ) {
            var who : .phantom.event.listener = one;
            try { who.heard( topic, event ); }
            catch( .internal.object problem ) {
                if( !threw ) thrown = problem;
                threw = 1;
            }
        }
        if( threw ) throw thrown;
        return listeners.size();
    }
};
