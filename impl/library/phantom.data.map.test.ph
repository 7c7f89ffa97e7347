package .phantom.data;

class mapTest extends .phantom.test.suite
{
    map squares( var count : int )
    {
        var made : map = new map();
        for( var i : int = 0; i < count; i += 1 ) made.put( "k" + i, i * i );
        return made;
    }

    void testEveryKeyIsFoundWhileTheTableGrows()
    {
        var made : map = new map();
        for( var i : int = 0; i < 200; i += 1 ) {
            isNull( made.put( i * 64, i ) );
            equal( made.get( i * 64 ), i );
            equal( made.get( 0 ), 0 );
            isFalse( made.contains( i * 64 + 1 ) );
        }
        equal( made.size(), 200 );
        for( var i : int = 0; i < 200; i += 1 ) equal( made.get( i * 64 ), i );
    }

    void testPutGivesTheOldValueBack()
    {
        var made : map = squares( 10 );
        equal( made.put( "k3", "new" ), 9 );
        equal( made.get( "k3" ), "new" );
        equal( made.size(), 10 );
    }

    void testKeysAreOfOneClass()
    {
        var made : map = new map();
        made.put( 1, "int" );
        made.put( 1L, "long" );
        made.put( "1", "string" );
        made.put( 1.0, "double" );
        made.put( null, "null" );
        equal( made.size(), 5 );
        equal( made.get( 1 ), "int" );
        equal( made.get( 1L ), "long" );
        equal( made.get( "1" ), "string" );
        equal( made.get( 1.0 ), "double" );
        equal( made.get( null ), "null" );
    }

    void testKeysOfAClassThatSaysWhatIsEqual()
    {
        var made : map = new map();
        made.put( new point( 1, 2 ), "a" );
        equal( made.get( new point( 1, 2 ) ), "a" );
        isNull( made.get( new point( 2, 1 ) ) );
        made.put( new point( 1, 2 ), "b" );
        equal( made.size(), 1 );
    }

    void testRemoveTakesOutWhatIsThere()
    {
        var made : map = squares( 100 );
        for( var i : int = 0; i < 100; i += 2 ) equal( made.remove( "k" + i ), i * i );
        equal( made.size(), 50 );
        isNull( made.remove( "k0" ) );
        for( var i : int = 0; i < 100; i += 1 ) equal( made.contains( "k" + i ), i % 2 );
        for( var i : int = 1; i < 100; i += 2 ) made.remove( "k" + i );
        isTrue( made.isEmpty() );
        foreach( key in made ) fail( "an empty map has a key" );
        made.put( "again", 1 );
        equal( made.toString(), "{again: 1}" );
    }

    void testItIsWalkedInOrderOfInsertion()
    {
        var made : map = squares( 5 );
        made.remove( "k2" );
        made.put( "k0", "changed" );
        made.put( "k2", "back" );
        equal( made.toString(), "{k0: changed, k1: 1, k3: 9, k4: 16, k2: back}" );
        var keys : string = "";
        foreach( key in made ) keys += key;
        equal( keys, "k0k1k3k4k2" );
        var values : string = "";
        foreach( value in made.values() ) values += value + " ";
        equal( values, "changed 1 9 16 back " );
        foreach( e in made.entries() ) if( e.key() == "k3" ) e.setValue( "nine" );
        equal( made.get( "k3" ), "nine" );
        made.remove( "k0" );
        made.remove( "k2" );
        equal( made.toString(), "{k1: 1, k3: nine, k4: 16}" );
    }

    void testDefaultsAndCounting()
    {
        var made : map = new map();
        equal( made.getOr( "x", 5 ), 5 );
        equal( made.increase( "x", 2 ), 2 );
        equal( made.increase( "x", 3 ), 5 );
        equal( made.getOr( "x", 0 ), 5 );
        made.put( "n", null );
        isNull( made.getOr( "n", 1 ) );
        isTrue( made.contains( "n" ) );
    }

    void testEqualityIgnoresOrder()
    {
        var a : map = new map();
        a.put( "x", 1 );
        a.put( "y", 2 );
        var b : map = new map();
        b.put( "y", 2 );
        isFalse( a == b );
        b.put( "x", 1 );
        isTrue( a == b );
        equal( a.hashCode(), b.hashCode() );
        b.put( "x", 1L );
        isFalse( a == b );
        isFalse( (.internal.object)a == "{x: 1, y: 2}" );
    }

    void testPutAllAndClear()
    {
        var a : map = squares( 3 );
        a.putAll( squares( 20 ) );
        equal( a.size(), 20 );
        a.clear();
        equal( a.size(), 0 );
        isNull( a.get( "k1" ) );
    }
};

class point
{
    var x : int;
    var y : int;
    void point( var a : int, var b : int ) { x = a; y = b; }
    int has( var a : int, var b : int ) { return x == a && y == b; }
    int equals( var other ) { return ( (point)other ).has( x, y ); }
    int hashCode() { return x + y; }
};
