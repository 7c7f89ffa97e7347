package .phantom.data;

/**
 * A list of objects that grows at its end.
 *
 * Elements lie in chunks of 256 references, so adding one never copies the list: it touches the last chunk, the list
 * itself and, once in 256 times, the table of chunks. Getting and setting touch one chunk; inserting and removing in the
 * middle move what stands behind. One thread at a time: who shares a list locks a mutex around it.
 */
class list
{
    var chunks : .internal.object[] = new .internal.object[]();
    var count : int = 0;

    int size() { return count; }

    int isEmpty() { return count == 0; }

    /** Adds at the end. */
    void add( var value )
    {
        chunk( count ).11( value, count & 255 );
        count += 1;
    }

    /** The chunk of an element that is there, or of the one behind the last. */
    .internal.container.array chunk( var index : int )
    {
        var at : int = index >> 8;
        if( at == chunks.size() ) chunks[at] = new .internal.object[]();
        return chunks[at];
    }

    void check( var index : int )
    {
        if( index < 0 || index >= count ) throw "list: index " + index + " of " + count + " elements";
    }

    .internal.object get( var index : int )
    {
        check( index );
        var found : .internal.container.array = chunks[index >> 8];
        return found.get( index & 255 );
    }

    /** Replaces an element. */
    void set( var index : int, var value )
    {
        check( index );
        var found : .internal.container.array = chunks[index >> 8];
        found.set( value, index & 255 );
    }

    .internal.object first() { return get( 0 ); }

    .internal.object last() { return get( count - 1 ); }

    /** Puts a value before the element `index`; `index` may be the size. */
    void insert( var index : int, var value )
    {
        if( index != count ) check( index );
        add( value );
        for( var i : int = count - 1; i > index; i -= 1 ) set( i, get( i - 1 ) );
        set( index, value );
    }

    /** Takes an element out; it is the result. */
    .internal.object removeAt( var index : int )
    {
        var removed = get( index );
        for( var i : int = index + 1; i < count; i += 1 ) set( i - 1, get( i ) );
        set( count - 1, null );
        count -= 1;
        return removed;
    }

    .internal.object removeLast() { return removeAt( count - 1 ); }

    /** Takes the first element equal to `value` out; 1, or 0 when there is none. */
    int remove( var value )
    {
        var at : int = find( value );
        if( at < 0 ) return 0;
        removeAt( at );
        return 1;
    }

    void clear()
    {
        chunks = new .internal.object[]();
        count = 0;
    }

    /** Index of the first element that is of the class of `value` and equal to it, or -1. */
    int find( var value )
    {
        for( var i : int = 0; i < count; i += 1 ) {
            if( order.same( get( i ), value ) ) return i;
        }
        return -1;
    }

    int contains( var value ) { return find( value ) >= 0; }

    /** Adds everything that `foreach` finds in `others`: a list, a set, the keys of a map. */
    void addAll( var others )
    {
        foreach( value in others ) add( value );
    }

    /** Adds the elements of an array. */
    void addArray( var others : .internal.object[] )
    {
        foreach( value in others ) add( value );
    }

    /** A new list of `length` elements from `from` on. */
    .phantom.data.list slice( var from : int, var length : int )
    {
        if( from < 0 || length < 0 || length > count - from ) throw "list: " + length + " elements from " + from + " of " + count;
        var part : .phantom.data.list = new .phantom.data.list();
        for( var i : int = 0; i < length; i += 1 ) part.add( get( from + i ) );
        return part;
    }

    void swap( var i : int, var j : int )
    {
        var kept = get( i );
        set( i, get( j ) );
        set( j, kept );
    }

    void reverse()
    {
        for( var i : int = 0; i < count - 1 - i; i += 1 ) swap( i, count - 1 - i );
    }

    /** Sorts in the natural order. */
    void sort() { sort( new .phantom.data.order() ); }

    /** Sorts; elements that are equal in `by` keep their order. */
    void sort( var by : .phantom.data.order ) { .phantom.data.sort.list( this, by ); }

    .internal.object[] toArray()
    {
        var all : .internal.object[] = new .internal.object[]();
        for( var i : int = 0; i < count; i += 1 ) all[i] = get( i );
        return all;
    }

    .phantom.data.iterator iterator() [8] { return new listIterator( this, 0 ); }

    /** `[a, b]` */
    string toString()
    {
        var text : .phantom.text.builder = new .phantom.text.builder();
        text.add( "[" );
        for( var i : int = 0; i < count; i += 1 ) {
            if( i ) text.add( ", " );
            text.add( get( i ) );
        }
        text.add( "]" );
        return text.toString();
    }

    /** Lists are equal when their elements are, one by one. */
    int equals( var other )
    {
        if( other.2() :!= this.2() ) return 0;
        var others : .phantom.data.list = other;
        if( others.size() != count ) return 0;
        for( var i : int = 0; i < count; i += 1 ) {
            if( !order.same( get( i ), others.get( i ) ) ) return 0;
        }
        return 1;
    }

    int hashCode()
    {
        var hash : int = 1;
        for( var i : int = 0; i < count; i += 1 ) hash = hash * 31 + (int)get( i ).15();
        return hash;
    }
};

/** The walk over a list. Elements added while it goes on are met; do not remove meanwhile. */
class listIterator extends .phantom.data.iterator
{
    var all : .phantom.data.list;
    var at : int;

    void listIterator( var l : .phantom.data.list, var from : int ) { all = l; at = from; }

    .internal.object current() [8]
    {
        if( at >= all.size() ) return null;
        return all.get( at );
    }

    void next() [333] { at += 1; }
};
