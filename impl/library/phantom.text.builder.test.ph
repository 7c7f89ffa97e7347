package .phantom.text;

class builderTest extends .phantom.test.suite
{
    void testPiecesComeOutInOrder()
    {
        var made : builder = new builder();
        var expected : string = "";
        for( var i : int = 0; i < 100; i += 1 ) {
            made.add( i ).add( "," );
            expected = expected + i + ",";
            equal( made.length(), expected.length() );
        }
        equal( made.toString(), expected );
        made.add( "more" );
        equal( made.toString(), expected + "more" );
    }

    void testLongAndShortPieces()
    {
        var long100 : string = strings.repeat( "x", 100 );
        equal( new builder().add( long100 ).add( "a" ).add( "" ).add( long100 ).toString(), long100 + "a" + long100 );
    }

    void testEveryKindOfValue()
    {
        equal( new builder().add( 1 ).add( " " ).add( -2L ).add( " " ).add( 0.5 ).add( " " ).add( "s" ).toString(), "1 -2 0.5 s" );
        equal( new builder().add( null ).toString(), "(void)" );
    }

    void testLinesCharactersRepetition()
    {
        equal( new builder().line( "a" ).line( 2 ).toString(), "a\n2\n" );
        equal( new builder().addChar( 'A' ).addChar( 228 ).repeat( "-=", 3 ).toString(), "Aä-=-=-=" );
    }

    void testEmptyAndCleared()
    {
        var made : builder = new builder();
        equal( made.toString(), "" );
        isTrue( made.isEmpty() );
        made.add( "abc" );
        isFalse( made.isEmpty() );
        made.clear();
        equal( made.toString(), "" );
        equal( made.add( "z" ).toString(), "z" );
    }
};
