package .phantom.math;
import .phantom.data.*;
import .phantom.text.numbers;

class randomTest extends .phantom.test.suite
{
    /** What the reference implementation prints for seed 42, stream 54 (pcg-random.org, pcg32-demo). */
    void testTheReferenceSequence()
    {
        var some : random = new random( 42, 54 );
        equal( numbers.hex( some.next() ), "a15c02b7" );
        equal( numbers.hex( some.next() ), "7b47f409" );
        equal( numbers.hex( some.next() ), "ba1d3330" );
        equal( numbers.hex( some.next() ), "83d2f293" );
        equal( numbers.hex( some.next() ), "bfa4784b" );
        equal( numbers.hex( some.next() ), "cbed606e" );
    }

    void testASeedIsASequence()
    {
        var a : random = new random( 7 );
        var b : random = new random( 7 );
        var c : random = new random( 8 );
        var d : random = new random( 7, 1 );
        var different : int = 0;
        for( var i : int = 0; i < 20; i += 1 ) {
            var drawn : int = a.next();
            equal( b.next(), drawn );
            different += c.next() != drawn;
            different += d.next() != drawn;
        }
        isTrue( different > 36 );
    }

    void testBelowReachesAllAndNoMore()
    {
        var some : random = new random( 1 );
        var seen : map = new map();
        for( var i : int = 0; i < 300; i += 1 ) {
            var drawn : int = some.below( 6 );
            isTrue( drawn >= 0 && drawn < 6 );
            seen.increase( drawn, 1 );
        }
        equal( seen.size(), 6 );
        // 50 expected each; fewer than 20 has a chance of one in a million.
        foreach( count in seen.values() ) isTrue( (int)count > 20 );
        equal( some.below( 1 ), 0 );
        for( var i : int = 0; i < 20; i += 1 ) isTrue( some.below( 2147483647 ) >= 0 );
        try {
            some.below( 0 );
            fail( "a number below 0 was drawn" );
        }
        catch( string problem ) { equal( problem, "random.below: 0 is not positive" ); }
    }

    void testBetweenAndUnit()
    {
        var some : random = new random( 2 );
        var sum : double = 0.0;
        var negative : int = 0;
        for( var i : int = 0; i < 100; i += 1 ) {
            var drawn : int = some.between( -3, 3 );
            isTrue( drawn >= -3 && drawn <= 3 );
            drawn = some.between( -2147483648, 2147483647 );
            if( drawn < 0 ) negative += 1;
            isTrue( some.between( -2147483648, 0 ) <= 0 );
            isTrue( some.between( -5, 2147483647 ) >= -5 );
            var one : double = some.unit();
            isTrue( one >= 0.0 && one < 1.0 );
            sum += one;
        }
        near( sum / 100, 0.5, 0.15 );
        near( negative / 100.0, 0.5, 0.15 );
    }

    void testChance()
    {
        var some : random = new random( 5 );
        var hits : int = 0;
        for( var i : int = 0; i < 200; i += 1 ) {
            isFalse( some.chance( 0, 3 ) );
            isTrue( some.chance( 3, 3 ) );
            hits += some.chance( 1, 4 );
        }
        // 50 expected, with a standard deviation of 6.
        isTrue( hits > 20 && hits < 80 );
    }

    void testShufflePermutes()
    {
        var all : list = new list();
        for( var i : int = 0; i < 50; i += 1 ) all.add( i );
        new random( 3 ).shuffle( all );
        var moved : int = 0;
        for( var i : int = 0; i < 50; i += 1 ) moved += (int)all.get( i ) != i;
        isTrue( moved > 30 );
        all.sort();
        for( var i : int = 0; i < 50; i += 1 ) equal( all.get( i ), i );
        isTrue( all.contains( new random( 4 ).pick( all ) ) );
    }
};
