package .phantom.data;

class setTest extends .phantom.test.suite
{
    set of( var text : string )
    {
        var made : set = new set();
        made.addAll( .phantom.text.strings.words( text ) );
        return made;
    }

    void testAValueIsInItOnce()
    {
        var made : set = new set();
        equal( made.add( "a" ), 1 );
        equal( made.add( "a" ), 0 );
        equal( made.size(), 1 );
        isTrue( made.contains( "a" ) );
        equal( made.remove( "a" ), 1 );
        equal( made.remove( "a" ), 0 );
        isTrue( made.isEmpty() );
    }

    void testOrderOfInsertion() { equal( of( "c a b a c" ).toString(), "{c, a, b}" ); }

    void testUnionIntersectionDifference()
    {
        var a : set = of( "a b c d" );
        a.retainAll( of( "b d e" ) );
        equal( a.toString(), "{b, d}" );
        a.addAll( of( "x b" ) );
        equal( a.toString(), "{b, d, x}" );
        a.removeAll( of( "b x y" ) );
        equal( a.toString(), "{d}" );
        isTrue( of( "a b c" ).containsAll( of( "c a" ) ) );
        isFalse( of( "a b c" ).containsAll( of( "c d" ) ) );
    }

    void testEquality()
    {
        isTrue( of( "a b" ) == of( "b a" ) );
        equal( of( "a b" ).hashCode(), of( "b a" ).hashCode() );
        isFalse( of( "a b" ) == of( "a c" ) );
        isFalse( of( "a b" ) == of( "a b c" ) );
        isFalse( (.internal.object)of( "a b" ) == "{a, b}" );
        var made : set = of( "a" );
        made.clear();
        isTrue( made == new set() );
    }
};
