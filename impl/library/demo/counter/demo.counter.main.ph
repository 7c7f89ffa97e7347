// A counter that never starts again: power cuts come and go, it goes on counting.
package .demo.counter;

class main
{
    var boot : .internal.boot;
    var count : int = 0;
    // The same number, kept a second time: what the invariant compares.
    var complement : int = -1;
    var lock : .internal.mutex;

    void startup( var b ) [8]
    {
        boot = b;
        lock = new .internal.mutex();
        while( 1 ) {
            lock.lock();
            count += 1;
            complement = ~count;
            lock.unlock();
            boot.16( "counted to " + count + "\n" );
            boot.sleep( 20 );
        }
    }

    string invariant()
    {
        if( lock == null ) return null;
        var broken : string = null;
        lock.lock();
        if( complement != ~count ) broken = "count " + count + ", but its complement " + complement;
        lock.unlock();
        return broken;
    }
};
