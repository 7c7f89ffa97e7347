package .phantom.data;

class listTest extends .phantom.test.suite
{
    /** The numbers from 0 up to, and without, `count`. */
    list numbers( var count : int )
    {
        var made : list = new list();
        for( var i : int = 0; i < count; i += 1 ) made.add( i );
        return made;
    }

    void testAddAndGetOverManyChunks()
    {
        var all : list = numbers( 1000 );
        equal( all.size(), 1000 );
        for( var i : int = 0; i < 1000; i += 37 ) equal( all.get( i ), i );
        equal( all.first(), 0 );
        equal( all.last(), 999 );
    }

    void testSetReplaces()
    {
        var all : list = numbers( 300 );
        all.set( 257, "x" );
        equal( all.get( 257 ), "x" );
        equal( all.get( 256 ), 256 );
        equal( all.get( 258 ), 258 );
        equal( all.size(), 300 );
    }

    void testInsertMovesTheRest()
    {
        var all : list = numbers( 256 );
        all.insert( 255, "y" );
        all.insert( 0, "x" );
        all.insert( 258, "z" );
        equal( all.size(), 259 );
        equal( all.get( 0 ), "x" );
        equal( all.get( 1 ), 0 );
        equal( all.get( 256 ), "y" );
        equal( all.get( 257 ), 255 );
        equal( all.get( 258 ), "z" );
    }

    void testRemoveClosesTheGap()
    {
        var all : list = numbers( 300 );
        equal( all.removeAt( 10 ), 10 );
        equal( all.get( 10 ), 11 );
        equal( all.get( 255 ), 256 );
        equal( all.removeLast(), 299 );
        equal( all.size(), 298 );
        equal( all.remove( 200 ), 1 );
        equal( all.remove( 200 ), 0 );
        equal( all.find( 201 ), 199 );
        equal( all.remove( 0 ), 1 );
        equal( all.first(), 1 );
        all.add( "end" );
        equal( all.last(), "end" );
    }

    void testFindComparesByClassAndValue()
    {
        var all : list = new list();
        all.add( 1 );
        all.add( "1" );
        all.add( 1L );
        all.add( null );
        equal( all.find( "1" ), 1 );
        equal( all.find( 1L ), 2 );
        equal( all.find( null ), 3 );
        equal( all.find( 2 ), -1 );
        isTrue( all.contains( 1 ) );
        isFalse( all.contains( "2" ) );
    }

    void testIndicesAreChecked()
    {
        var all : list = numbers( 3 );
        for( var i : int = -1; i < 4; i += 4 ) {
            try {
                all.get( i );
                fail( "index " + i + " was taken" );
            }
            catch( string problem ) { equal( problem, "list: index " + i + " of 3 elements" ); }
        }
        try {
            all.slice( 2, 2 );
            fail( "a slice beyond the end was taken" );
        }
        catch( string problem ) { equal( problem, "list: 2 elements from 2 of 3" ); }
        try {
            new list().removeLast();
            fail( "the last of none was taken" );
        }
        catch( string problem ) { equal( problem, "list: index -1 of 0 elements" ); }
    }

    void testForeachGoesThroughAll()
    {
        var sum : int = 0;
        var count : int = 0;
        foreach( x in numbers( 600 ) ) {
            sum += (int)x;
            count += 1;
        }
        equal( sum, 600 * 599 / 2 );
        equal( count, 600 );
        foreach( x in new list() ) fail( "an empty list has an element" );
    }

    void testIteratorCanBeTakenFrom()
    {
        var walk : iterator = numbers( 4 ).iterator();
        equal( walk.take(), 0 );
        equal( walk.take(), 1 );
        equal( walk.rest().toString(), "[2, 3]" );
        isNull( walk.take() );
    }

    void testSliceReverseSwap()
    {
        var all : list = numbers( 300 ).slice( 250, 10 );
        equal( all.toString(), "[250, 251, 252, 253, 254, 255, 256, 257, 258, 259]" );
        all.reverse();
        all.swap( 0, 9 );
        equal( all.toString(), "[250, 258, 257, 256, 255, 254, 253, 252, 251, 259]" );
        equal( all.slice( 3, 0 ).size(), 0 );
        equal( all.slice( 8, 2 ).toString(), "[251, 259]" );
    }

    void testAddAllAndToArray()
    {
        var all : list = numbers( 2 );
        all.addAll( numbers( 3 ) );
        equal( all.toString(), "[0, 1, 0, 1, 2]" );
        var array : .internal.object[] = all.toArray();
        equal( array.size(), 5 );
        equal( array[4], 2 );
        var again : list = new list();
        again.addArray( array );
        isTrue( again == all );
    }

    void testEqualityGoesByElements()
    {
        isTrue( numbers( 300 ) == numbers( 300 ) );
        equal( numbers( 300 ).hashCode(), numbers( 300 ).hashCode() );
        var turned : list = numbers( 300 );
        turned.reverse();
        notEqual( turned.hashCode(), numbers( 300 ).hashCode() );
        isFalse( numbers( 3 ) == numbers( 4 ) );
        isFalse( (.internal.object)numbers( 3 ) == "[0, 1, 2]" );
        var other : list = numbers( 3 );
        other.set( 1, "1" );
        isFalse( numbers( 3 ) == other );
    }

    void testClear()
    {
        var all : list = numbers( 300 );
        all.clear();
        isTrue( all.isEmpty() );
        all.add( 7 );
        equal( all.toString(), "[7]" );
    }
};
