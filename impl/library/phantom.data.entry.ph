package .phantom.data;

/** A key of a map and its value. The other methods are the map's own. */
class entry
{
    var itsKey;
    var itsValue;
    var itsHash : int;
    /** The next entry of the same bucket. */
    var itsChain : .phantom.data.entry;
    var itsBefore : .phantom.data.entry;
    var itsAfter : .phantom.data.entry;

    void entry( var key, var value, var hash : int )
    {
        itsKey = key;
        itsValue = value;
        itsHash = hash;
    }

    .internal.object key() { return itsKey; }
    .internal.object value() { return itsValue; }
    /** Changes the value in the map. */
    void setValue( var value ) { itsValue = value; }
    string toString() { return itsKey + ": " + itsValue; }

    int hash() { return itsHash; }

    int is( var hash : int, var key ) { return hash == itsHash && .phantom.data.order.same( itsKey, key ); }

    /** The entry of a key in the rest of the chain, or null. */
    .phantom.data.entry find( var hash : int, var key )
    {
        var at : .phantom.data.entry = this;
        while( at :!= null && !at.is( hash, key ) ) at = at.chain();
        return at;
    }

    .phantom.data.entry chain() { return itsChain; }
    void setChain( var other : .phantom.data.entry ) { itsChain = other; }
    .phantom.data.entry before() { return itsBefore; }
    void setBefore( var other : .phantom.data.entry ) { itsBefore = other; }
    .phantom.data.entry after() { return itsAfter; }
    void setAfter( var other : .phantom.data.entry ) { itsAfter = other; }
};
