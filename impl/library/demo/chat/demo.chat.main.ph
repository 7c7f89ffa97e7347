// Three actors that chat: each a thread with a mailbox, and no message is lost or comes twice.
package .demo.chat;

class main
{
    var lock : .internal.mutex;
    // For each of the two thoughts that go round: the newest hop that was heard, and how many were.
    var last : int[];
    var times : int[];

    void startup( var boot ) [8]
    {
        lock = new .internal.mutex();
        times = new int[]();
        times[0] = 0;
        times[1] = 0;
        last = new int[]();
        last[0] = 0;
        last[1] = 0;
        var ann : .demo.chat.person = new .demo.chat.person( boot, this, "ann" );
        var bob : .demo.chat.person = new .demo.chat.person( boot, this, "bob" );
        var cleo : .demo.chat.person = new .demo.chat.person( boot, this, "cleo" );
        ann.knows( bob );
        bob.knows( cleo );
        cleo.knows( ann );
        ann.send( new .demo.chat.message( "cleo", 0, "hello", 1 ) );
        bob.send( new .demo.chat.message( "ann", 1, "how are you", 1 ) );
    }

    void heard( var message : .demo.chat.message )
    {
        lock.lock();
        times[message.getThought()] += 1;
        last[message.getThought()] = message.getHops();
        lock.unlock();
    }

    string invariant()
    {
        if( last == null || last.size() < 2 ) return null;
        lock.lock();
        var problem : string = null;
        for( var i : int = 0; i < 2; i += 1 ) {
            if( times[i] != last[i] ) problem = "hop " + last[i] + " of thought " + i + " was message " + times[i];
        }
        lock.unlock();
        return problem;
    }
};
