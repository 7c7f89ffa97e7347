package .phantom.data;

class sortTest extends .phantom.test.suite
{
    /** Sorted, and the same elements: each of 0 to count - 1 once. */
    void testAPermutationIsPutInOrder()
    {
        for( var count : int = 0; count < 60; count += 7 ) {
            var all : list = new list();
            for( var i : int = 0; i < count; i += 1 ) all.add( ( i * 37 + 11 ) % count );
            all.sort();
            equal( all.size(), count );
            for( var i : int = 0; i < count; i += 1 ) equal( all.get( i ), i );
        }
    }

    void testManyRuns()
    {
        var all : list = new list();
        for( var i : int = 0; i < 300; i += 1 ) all.add( ( i * 7 ) % 300 - 150 );
        // 7 and 300 have no common divisor: each number comes once.
        all.sort();
        for( var i : int = 0; i < 300; i += 1 ) equal( all.get( i ), i - 150 );
    }

    void testEqualElementsKeepTheirOrder()
    {
        var all : list = new list();
        for( var i : int = 0; i < 100; i += 1 ) all.add( i );
        all.sort( new byLastDigit() );
        for( var i : int = 0; i < 100; i += 1 ) equal( all.get( i ), i / 10 + ( i % 10 ) * 10 );
    }

    void testAnOrderOfOnesOwn()
    {
        var all : list = .phantom.text.strings.words( "pear fig banana kiwi" );
        all.sort( new byLength() );
        equal( all.toString(), "[fig, pear, kiwi, banana]" );
    }

    void testTheNaturalOrder()
    {
        var by : order = new order();
        isTrue( by.compare( 1, 2 ) < 0 );
        isTrue( by.compare( 2147483647, -2147483647 - 1 ) > 0 );
        equal( by.compare( "a", "a" ), 0 );
        isTrue( by.compare( "a", "ab" ) < 0 );
        isTrue( by.compare( "b", "ab" ) > 0 );
        isTrue( by.compare( null, -5 ) < 0 );
        isTrue( by.compare( 5, null ) > 0 );
        isTrue( by.compare( 10000000000, 3L ) > 0 );
        isTrue( by.compare( 3, 2.5 ) > 0 );
        isTrue( by.compare( 2.5f, 3L ) < 0 );
        equal( by.compare( 5000000000, 4999999999 + 1 ), 0 );
        equal( by.compare( 2.5, 2.5f ), 0 );
        equal( by.compare( 3, 3.0 ), 0 );
        try {
            by.compare( 1, "1" );
            fail( "a number and a string have an order" );
        }
        catch( string problem ) { equal( problem, "order: values of these classes have no common order" ); }
    }

    void testObjectsCompareThemselves()
    {
        var all : list = new list();
        for( var i : int = 0; i < 5; i += 1 ) all.add( new sized( ( i * 3 ) % 5 ) );
        all.sort();
        equal( all.toString(), "[0, 1, 2, 3, 4]" );
    }
};

class byLastDigit extends .phantom.data.order
{
    int compare( var a, var b ) { return (int)a % 10 - (int)b % 10; }
};

class byLength extends .phantom.data.order
{
    int compare( var a, var b ) { return ( (string)a ).length() - ( (string)b ).length(); }
};

class sized
{
    var size : int;
    void sized( var s : int ) { size = s; }
    int size() { return size; }
    int compareTo( var other ) { return size - (int)other.size(); }
    string toString() { return size + ""; }
};
