package .phantom.event;
import .phantom.data.list;

class busTest extends .phantom.test.suite
{
    var heard : list = new list();
    var events : bus = new bus();

    void testWhoSubscribedHearsInOrder()
    {
        events.subscribe( "news", new ear( heard, "a" ) );
        events.subscribe( "news", new ear( heard, "b" ) );
        events.subscribe( "other", new ear( heard, "c" ) );
        equal( events.publish( "news", 1 ), 2 );
        equal( events.publish( "nothing", 2 ), 0 );
        equal( events.publish( "other", 3 ), 1 );
        equal( heard.toString(), "[a news 1, b news 1, c other 3]" );
    }

    void testOnceHoweverOftenSubscribed()
    {
        var one : ear = new ear( heard, "a" );
        events.subscribe( "x", one );
        events.subscribe( "x", one );
        equal( events.publish( "x", 0 ), 1 );
        equal( events.unsubscribe( "x", one ), 1 );
        equal( events.unsubscribe( "x", one ), 0 );
        equal( events.unsubscribe( "y", one ), 0 );
        equal( events.publish( "x", 1 ), 0 );
        equal( heard.size(), 1 );
    }

    void testAListenerMayChangeSubscriptions()
    {
        events.subscribe( "x", new leaver( events, heard ) );
        events.subscribe( "x", new ear( heard, "stays" ) );
        events.publish( "x", 1 );
        events.publish( "x", 2 );
        equal( heard.toString(), "[leaves, stays x 1, stays x 2, new x 2]" );
    }

    void testOthersHearWhenOneThrows()
    {
        events.subscribe( "x", new thrower() );
        events.subscribe( "x", new ear( heard, "b" ) );
        events.subscribe( "x", new thrower() );
        try {
            events.publish( "x", 7 );
            fail( "nothing was thrown" );
        }
        catch( string problem ) { equal( problem, "deaf to 7" ); }
        equal( heard.toString(), "[b x 7]" );
    }
};

class ear extends .phantom.event.listener
{
    var notes : .phantom.data.list;
    var name : string;
    void ear( var l : .phantom.data.list, var n : string ) { notes = l; name = n; }
    void heard( var topic : string, var event ) { notes.add( name + " " + topic + " " + event ); }
};

class leaver extends .phantom.event.listener
{
    var events : .phantom.event.bus;
    var notes : .phantom.data.list;
    void leaver( var b : .phantom.event.bus, var l : .phantom.data.list ) { events = b; notes = l; }
    void heard( var topic : string, var event )
    {
        notes.add( "leaves" );
        events.unsubscribe( topic, this );
        events.subscribe( topic, new ear( notes, "new" ) );
    }
};

class thrower extends .phantom.event.listener
{
    void heard( var topic : string, var event ) { throw "deaf to " + event; }
};
