package .phantom.thread;
import .phantom.data.*;

class threadTest extends .phantom.test.suite
{
    void testJoinGivesTheResult()
    {
        var sums : list = new list();
        for( var i : int = 1; i <= 3; i += 1 ) sums.add( new sum( i * 10 ).start() );
        equal( ( (task)sums.get( 0 ) ).join(), 55 );
        equal( ( (task)sums.get( 1 ) ).join(), 210 );
        equal( ( (task)sums.get( 2 ) ).join(), 465 );
        isTrue( ( (task)sums.get( 0 ) ).isDone() );
        equal( ( (task)sums.get( 0 ) ).join(), 55 );
    }

    void testJoinThrowsWhatWorkThrew()
    {
        var bad : task = new sum( -1 ).start();
        for( var i : int = 0; i < 2; i += 1 ) {
            try {
                bad.join();
                fail( "it returned" );
            }
            catch( string problem ) { equal( problem, "negative" ); }
        }
    }

    void testATaskIsStartedOnce()
    {
        var once : task = new sum( 1 ).start();
        try {
            once.start();
            fail( "it was started twice" );
        }
        catch( string problem ) { equal( problem, "task: started already" ); }
        equal( once.join(), 1 );
    }

    void testALatchOpensForAll()
    {
        var gate : latch = new latch( 1 );
        var passed : latch = new latch( 3 );
        for( var i : int = 0; i < 3; i += 1 ) new passer( gate, passed ).start();
        boot().sleep( 5 );
        equal( passed.count(), 3 );
        gate.countDown();
        passed.await();
        equal( passed.count(), 0 );
        gate.countDown();
        gate.await();
        equal( gate.count(), 0 );
    }

    void testAQueueKeepsTheOrderWhileItGrowsAndTurns()
    {
        var line : queue = new queue();
        var put : int = 0;
        var taken : int = 0;
        for( var round : int = 0; round < 12; round += 1 ) {
            for( var i : int = 0; i < 7; i += 1 ) { line.put( put ); put += 1; }
            for( var i : int = 0; i < 5; i += 1 ) { equal( line.take(), taken ); taken += 1; }
        }
        equal( line.size(), 24 );
        while( taken < put ) { equal( line.poll(), taken ); taken += 1; }
        isNull( line.poll() );
    }

    void testEveryElementGoesToOneTaker()
    {
        var line : queue = new queue( 3 );
        var producers : list = new list();
        var consumers : list = new list();
        for( var i : int = 0; i < 2; i += 1 ) {
            producers.add( new producer( line, i * 100, 40 ).start() );
            consumers.add( new consumer( line ).start() );
        }
        foreach( one in producers ) one.join();
        line.close();
        var all : set = new set();
        var count : int = 0;
        foreach( one in consumers ) {
            var taken : list = one.join();
            count += taken.size();
            all.addAll( taken );
        }
        equal( count, 80 );
        equal( all.size(), 80 );
        for( var i : int = 0; i < 40; i += 1 ) isTrue( all.contains( i + 1 ) && all.contains( i + 101 ) );
    }

    void testAFullQueueMakesPutWait()
    {
        var line : queue = new queue( 2 );
        var late : task = new producer( line, 0, 3 ).start();
        boot().sleep( 10 );
        isFalse( late.isDone() );
        equal( line.size(), 2 );
        equal( line.take(), 1 );
        late.join();
        equal( line.size(), 2 );
    }

    void testAClosedQueue()
    {
        var line : queue = new queue();
        line.put( "last" );
        line.close();
        try {
            line.put( "too late" );
            fail( "a closed queue took something" );
        }
        catch( string problem ) { equal( problem, "queue: closed" ); }
        equal( line.take(), "last" );
        isNull( line.take() );
        isTrue( line.isClosed() );
    }

    void testAPoolDoesAllTasks()
    {
        var hands : pool = new pool( 3 );
        var sums : list = new list();
        for( var i : int = 0; i < 12; i += 1 ) sums.add( hands.submit( new sum( i ) ) );
        hands.close();
        for( var i : int = 0; i < 12; i += 1 ) {
            var one : task = sums.get( i );
            isTrue( one.isDone() );
            equal( one.join(), i * ( i + 1 ) / 2 );
        }
        try {
            hands.submit( new sum( 1 ) );
            fail( "a closed pool took a task" );
        }
        catch( string problem ) { equal( problem, "queue: closed" ); }
    }

    void testAnActorReceivesInOrder()
    {
        var book : collector = new collector();
        book.start();
        for( var i : int = 0; i < 20; i += 1 ) book.send( i );
        book.stop();
        var all : list = book.all();
        equal( all.size(), 20 );
        for( var i : int = 0; i < 20; i += 1 ) equal( all.get( i ), i );
        try {
            book.send( 1 );
            fail( "a stopped actor took a message" );
        }
        catch( string problem ) { equal( problem, "queue: closed" ); }
        try {
            book.send( null );
            fail( "null was taken" );
        }
        catch( string problem ) { equal( problem, "actor: null is no message" ); }
    }
};

class sum extends .phantom.thread.task
{
    var most : int;
    void sum( var n : int ) { most = n; }
    .internal.object work()
    {
        if( most < 0 ) throw "negative";
        var all : int = 0;
        for( var i : int = 1; i <= most; i += 1 ) all += i;
        return all;
    }
};

class passer extends .phantom.thread.task
{
    var gate : .phantom.thread.latch;
    var passed : .phantom.thread.latch;
    void passer( var g : .phantom.thread.latch, var p : .phantom.thread.latch ) { gate = g; passed = p; }
    .internal.object work()
    {
        gate.await();
        passed.countDown();
        return null;
    }
};

class producer extends .phantom.thread.task
{
    var line : .phantom.thread.queue;
    var first : int;
    var count : int;
    void producer( var l : .phantom.thread.queue, var f : int, var c : int ) { line = l; first = f; count = c; }
    .internal.object work()
    {
        for( var i : int = 1; i <= count; i += 1 ) line.put( first + i );
        return null;
    }
};

class consumer extends .phantom.thread.task
{
    var line : .phantom.thread.queue;
    void consumer( var l : .phantom.thread.queue ) { line = l; }
    .internal.object work()
    {
        var taken : .phantom.data.list = new .phantom.data.list();
        for( var x = line.take(); x :!= null; x = line.take() ) taken.add( x );
        return taken;
    }
};

class collector extends .phantom.thread.actor
{
    var received : .phantom.data.list = new .phantom.data.list();
    void receive( var message ) { received.add( message ); }
    .phantom.data.list all() { return received; }
};
