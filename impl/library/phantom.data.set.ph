package .phantom.data;

/** A set of values, walked in the order in which they were first added: the keys of a map. One thread at a time. */
class set
{
    var members : .phantom.data.map = new .phantom.data.map();

    /** Adds a value; 1, or 0 when it was there already. */
    int add( var value )
    {
        if( members.contains( value ) ) return 0;
        members.put( value, 1 );
        return 1;
    }

    int contains( var value ) { return members.contains( value ); }

    /** Takes a value out; 1, or 0 when it was not there. */
    int remove( var value ) { return members.remove( value ) :!= null; }

    int size() { return members.size(); }

    int isEmpty() { return members.isEmpty(); }

    void clear() { members.clear(); }

    /** Adds everything that `foreach` finds in `others`. */
    void addAll( var others ) { foreach( value in others ) add( value ); }

    /** Takes out what `others` has not. */
    void retainAll( var others : .phantom.data.set )
    {
        foreach( value in this ) {
            if( !others.contains( value ) ) remove( value );
        }
    }

    void removeAll( var others ) { foreach( value in others ) remove( value ); }

    /** Whether each value of `others` is here. */
    int containsAll( var others )
    {
        foreach( value in others ) {
            if( !contains( value ) ) return 0;
        }
        return 1;
    }

    .phantom.data.iterator iterator() [8] { return members.iterator(); }

    /** `{a, b}` */
    string toString()
    {
        var text : .phantom.text.builder = new .phantom.text.builder();
        text.add( "{" );
        foreach( value in this ) {
            if( text.length() > 1 ) text.add( ", " );
            text.add( value );
        }
        text.add( "}" );
        return text.toString();
    }

    int equals( var other )
    {
        if( other.2() :!= this.2() ) return 0;
        var others : .phantom.data.set = other;
        return others.size() == size() && containsAll( others );
    }

    int hashCode()
    {
        var sum : int = size();
        foreach( value in this ) sum += (int)value.15();
        return sum;
    }
};
