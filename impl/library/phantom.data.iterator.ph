package .phantom.data;

/**
 * What `foreach` walks with: method 8 is the element under the cursor, null at the end; method 333 moves on.
 *
 * A subclass gives `current` and `next`. A collection's method 8 makes one. An element that is null ends the walk, as it
 * does for the kernel's arrays.
 */
class iterator
{
    /** The element under the cursor, null at the end. */
    .internal.object current() [8] { return null; }

    /** Moves on by one element. */
    void next() [333] {}

    /** The element under the cursor; the cursor then stands on the next. */
    .internal.object take()
    {
        var taken = current();
        next();
        return taken;
    }

    /** All elements from the cursor on, in a list. */
    .phantom.data.list rest()
    {
        var all : .phantom.data.list = new .phantom.data.list();
        for( var x = current(); x :!= null; x = current() ) {
            all.add( x );
            next();
        }
        return all;
    }
};
