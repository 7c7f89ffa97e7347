package .demo.chat;

// Shares nothing but its mailbox: a ring of messages, guarded by a lock, with a condition for who waits.
class actor
{
    var name : string;
    var friend : .demo.chat.actor;
    var lock : .internal.mutex;
    var arrived : .internal.cond;
    var mailbox : .demo.chat.message[];
    var capacity : int = 8;
    var received : int = 0;
    var taken : int = 0;
    // Hops of the messages in the mailbox, added up.
    var waiting : int = 0;

    void actor( var n : string )
    {
        name = n;
        lock = new .internal.mutex();
        arrived = new .internal.cond();
        mailbox = new .demo.chat.message[]();
        for( var i : int = 0; i < capacity; i += 1 ) mailbox[i] = null;
    }

    void knows( var other : .demo.chat.actor ) { friend = other; }
    string getName() { return name; }

    void receive( var message : .demo.chat.message )
    {
        lock.lock();
        if( received - taken == capacity ) {
            lock.unlock();
            throw name + " has too many messages";
        }
        mailbox[received % capacity] = message;
        received += 1;
        waiting += message.getHops();
        arrived.signal();
        lock.unlock();
    }

    .demo.chat.message take()
    {
        lock.lock();
        while( received == taken ) arrived.wait( lock );
        var message : .demo.chat.message = mailbox[taken % capacity];
        mailbox[taken % capacity] = null;
        taken += 1;
        waiting -= message.getHops();
        lock.unlock();
        return message;
    }

    void run( var boot : .internal.boot ) [8]
    {
        while( 1 ) {
            var m : .demo.chat.message = take();
            boot.16( m.getFrom().getName() + " to " + name + ": " + m.getText() + ", for the " + m.getHops() + ". time\n" );
            boot.sleep( 20 );
            friend.receive( new .demo.chat.message( this, m.getText(), m.getHops() + 1 ) );
        }
    }

    // What has come and is not taken lies in the mailbox.
    string check()
    {
        lock.lock();
        var there : int = 0;
        var hops : int = 0;
        foreach( m in mailbox ) if( m != null ) { there += 1; hops += m.getHops(); }
        var problem : string = null;
        if( there != received - taken ) problem = name + " has " + there + " messages, not " + ( received - taken );
        else if( hops != waiting ) problem = name + " has messages of " + hops + " hops, not " + waiting;
        lock.unlock();
        return problem;
    }
};
