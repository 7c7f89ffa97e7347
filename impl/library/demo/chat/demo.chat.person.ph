package .demo.chat;

// Says what it hears, and passes it on to the friend it knows. Its mailbox and its thread are those of every actor.
class person extends .phantom.thread.actor
{
    var boot : .internal.boot;
    var room : .demo.chat.main;
    var name : string;
    var friend : .demo.chat.person;

    void person( var b : .internal.boot, var r : .demo.chat.main, var n : string )
    {
        super();
        boot = b;
        room = r;
        name = n;
        start();
    }

    void knows( var other : .demo.chat.person ) { friend = other; }

    void receive( var message )
    {
        var heard : .demo.chat.message = message;
        room.heard( heard );
        boot.16( heard.getFrom() + " to " + name + ": " + heard.getText() + ", for the " + heard.getHops() + ". time\n" );
        boot.sleep( 20 );
        friend.send( heard.next( name ) );
    }
};
