package .phantom.data;

/**
 * A map from keys to values, walked in the order in which the keys were first put.
 *
 * Linear hashing (W. Litwin, VLDB 1980): the table grows by one bucket at a time, whose entries come from one other
 * bucket, so no operation ever rehashes the map; it touches a bucket or two, their entries and the newest entry. Keys are
 * equal when they are of one class and `==`; they must not change while they are keys. null is a key like others, except
 * that a walk ends at it. One thread at a time.
 */
class map
{
    /** Chains of entries; as many as there are entries, at least 8. */
    var buckets : .phantom.data.list;
    /** The largest power of two of buckets, at most their number: those from `bucketCount - half` on are not split. */
    var half : int = 8;
    var count : int = 0;
    /** In the order of insertion. */
    var oldest : .phantom.data.entry;
    var newest : .phantom.data.entry;

    void map() { clear(); }

    void clear()
    {
        buckets = new .phantom.data.list();
        for( var i : int = 0; i < 8; i += 1 ) buckets.add( null );
        half = 8;
        count = 0;
        oldest = null;
        newest = null;
    }

    int size() { return count; }

    int isEmpty() { return count == 0; }

    /** Hash codes of the kernel differ in few low bits: all are mixed into them (Knuth's multiplicative hashing). */
    int hash( var key )
    {
        var code : int = key.15();
        code = code * -1640531527;
        return code ^ ( code >>> 15 );
    }

    int bucket( var code : int )
    {
        var at : int = code & ( 2 * half - 1 );
        if( at < buckets.size() ) return at;
        return code & ( half - 1 );
    }

    .phantom.data.entry find( var key )
    {
        var code : int = hash( key );
        var chain : .phantom.data.entry = buckets.get( bucket( code ) );
        if( chain :== null ) return null;
        return chain.find( code, key );
    }

    /** The value of a key, or null. */
    .internal.object get( var key )
    {
        var found : .phantom.data.entry = find( key );
        if( found :== null ) return null;
        return found.value();
    }

    /** The value of a key, or another when the key is not there. */
    .internal.object getOr( var key, var otherwise )
    {
        var found : .phantom.data.entry = find( key );
        if( found :== null ) return otherwise;
        return found.value();
    }

    /** Whether the key is there. */
    int contains( var key ) { return find( key ) :!= null; }

    /** Gives a key a value; the result is the one it had, or null. */
    .internal.object put( var key, var value )
    {
        var code : int = hash( key );
        var at : int = bucket( code );
        var chain : .phantom.data.entry = buckets.get( at );
        if( chain :!= null ) {
            var found : .phantom.data.entry = chain.find( code, key );
            if( found :!= null ) {
                var old = found.value();
                found.setValue( value );
                return old;
            }
        }
        var made : .phantom.data.entry = new .phantom.data.entry( key, value, code );
        made.setChain( chain );
        made.setBefore( newest );
        if( newest :== null ) oldest = made;
        else newest.setAfter( made );
        newest = made;
        buckets.set( at, made );
        count += 1;
        if( count > buckets.size() ) split();
        return null;
    }

    /** Adds a bucket and gives it its entries out of the one they were in. */
    void split()
    {
        var from : int = buckets.size() - half;
        var mask : int = 2 * half - 1;
        var stay : .phantom.data.entry = null;
        var go : .phantom.data.entry = null;
        var at : .phantom.data.entry = buckets.get( from );
        while( at :!= null ) {
            var following : .phantom.data.entry = at.chain();
            if( ( at.hash() & mask ) == from ) {
                at.setChain( stay );
                stay = at;
            }
            else {
                at.setChain( go );
                go = at;
            }
            at = following;
        }
        buckets.set( from, stay );
        buckets.add( go );
        if( buckets.size() == 2 * half ) half = 2 * half;
    }

    /** Takes a key out; the result is its value, or null. */
    .internal.object remove( var key )
    {
        var code : int = hash( key );
        var at : int = bucket( code );
        var previous : .phantom.data.entry = null;
        var found : .phantom.data.entry = buckets.get( at );
        while( found :!= null && !found.is( code, key ) ) {
            previous = found;
            found = found.chain();
        }
        if( found :== null ) return null;
        if( previous :== null ) buckets.set( at, found.chain() );
        else previous.setChain( found.chain() );
        var before : .phantom.data.entry = found.before();
        var after : .phantom.data.entry = found.after();
        if( before :== null ) oldest = after;
        else before.setAfter( after );
        if( after :== null ) newest = before;
        else after.setBefore( before );
        count -= 1;
        return found.value();
    }

    /** Adds a number to the value of a key, which is 0 when the key is new; the result is the sum. */
    int increase( var key, var by : int )
    {
        var sum : int = by;
        var found : .phantom.data.entry = find( key );
        if( found :== null ) {
            put( key, sum );
            return sum;
        }
        sum += (int)found.value();
        found.setValue( sum );
        return sum;
    }

    /** Gives every key of another map its value there. */
    void putAll( var other : .phantom.data.map )
    {
        foreach( key in other ) put( key, other.get( key ) );
    }

    /** `foreach` over a map finds its keys. Keys put meanwhile are met. */
    .phantom.data.iterator iterator() [8] { return walk( 0 ); }

    /** What `foreach` finds the values in. */
    .phantom.data.mapView values() { return new mapView( this, 1 ); }

    /** What `foreach` finds the entries in, each with key() and value(). */
    .phantom.data.mapView entries() { return new mapView( this, 2 ); }

    .phantom.data.iterator walk( var what : int ) { return new mapIterator( oldest, what ); }

    /** `{a: 1, b: 2}` */
    string toString()
    {
        var text : .phantom.text.builder = new .phantom.text.builder();
        text.add( "{" );
        var at : .phantom.data.entry = oldest;
        while( at :!= null ) {
            if( at :!= oldest ) text.add( ", " );
            text.add( at.key() ).add( ": " ).add( at.value() );
            at = at.after();
        }
        text.add( "}" );
        return text.toString();
    }

    /** Maps are equal when they have the same keys with equal values, in whatever order. */
    int equals( var other )
    {
        if( other.2() :!= this.2() ) return 0;
        var others : .phantom.data.map = other;
        if( others.size() != count ) return 0;
        var at : .phantom.data.entry = oldest;
        while( at :!= null ) {
            if( !others.contains( at.key() ) || !order.same( at.value(), others.get( at.key() ) ) ) return 0;
            at = at.after();
        }
        return 1;
    }

    int hashCode()
    {
        var sum : int = count;
        var at : .phantom.data.entry = oldest;
        while( at :!= null ) {
            sum += at.hash() ^ (int)at.value().15();
            at = at.after();
        }
        return sum;
    }
};

/** The values or entries of a map, as they are when they are walked over. */
class mapView
{
    var of : .phantom.data.map;
    var what : int;

    void mapView( var m : .phantom.data.map, var w : int ) { of = m; what = w; }

    .phantom.data.iterator iterator() [8] { return of.walk( what ); }
};

/** The walk over a map: keys (0), values (1) or entries (2). */
class mapIterator extends .phantom.data.iterator
{
    var at : .phantom.data.entry;
    var what : int;

    void mapIterator( var from : .phantom.data.entry, var w : int ) { at = from; what = w; }

    .internal.object current() [8]
    {
        if( at :== null || what == 2 ) return at;
        if( what == 1 ) return at.value();
        return at.key();
    }

    void next() [333] { if( at :!= null ) at = at.after(); }
};
