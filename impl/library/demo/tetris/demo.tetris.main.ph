// Tetris: a and d (or arrows) move, w turns, s drops. Pull the plug in the middle of a game.
package .demo.tetris;

class main
{
    var boot : .internal.boot;
    var lock : .internal.mutex;
    var width : int = 10;
    var height : int = 18;
    // For each cell, row by row, the number of the shape that lies there, or 0.
    var cells : int[];
    // Four turns of each shape, as 16 bits: four rows of four.
    var shapes : int[];
    // How a cell of each shape looks.
    var looks : string[];
    var shape : int = 0;
    var turn : int = 0;
    var x : int = 3;
    var y : int = 0;
    var chance : .phantom.math.random;
    // Shapes that lie, and rows that went, in this game.
    var lain : int = 0;
    var gone : int = 0;
    var games : int = 1;

    void startup( var b ) [8]
    {
        boot = b;
        lock = new .internal.mutex();
        chance = new .phantom.math.random( 20 );
        prepare();
        boot.16( "\x1b[2J" );
        boot.18( new .demo.tetris.keys( this ) );
        while( 1 ) {
            show();
            boot.sleep( pause() );
            fall();
        }
    }

    int pause() { if( gone < 28 ) return 400 - gone * 10; return 120; }

    void prepare()
    {
        looks = new string[]();
        looks[0] = " .";
        for( var colour : int = 1; colour <= 7; colour += 1 ) looks[colour] = "\x1b[4" + colour + "m  \x1b[0m";
        var all : int[] = new int[]();
        var bits : .internal.string = "0F00222200F04444" + "44C08E0064400E20" + "44600E80C4402E00" + "CC00CC00CC00CC00" +
            "06C08C406C004620" + "0E404C404E004640" + "0C604C80C6002640";
        for( var i : int = 0; i < 28; i += 1 ) {
            var value : int = 0;
            for( var digit : int = 0; digit < 4; digit += 1 ) {
                value = value * 16 + ( "0123456789ABCDEF" ).find( bits.substring( i * 4 + digit, 1 ) );
            }
            all[i] = value;
        }
        shapes = all;
        clear();
    }

    void clear()
    {
        var fresh : int[] = new int[]();
        for( var i : int = 0; i < width * height; i += 1 ) fresh[i] = 0;
        lock.lock();
        cells = fresh;
        lain = 0;
        gone = 0;
        next();
        lock.unlock();
    }

    void next()
    {
        shape = chance.below( 7 );
        turn = 0;
        x = 3;
        y = 0;
    }

    // Whether the shape covers the cell at that place of its square, row * 4 + column.
    int covers( var t : int, var place : int ) { return ( shapes[shape * 4 + t] & ( 0x8000 >> place ) ) != 0; }

    int fits( var atX : int, var atY : int, var t : int )
    {
        for( var place : int = 0; place < 16; place += 1 ) {
            if( !covers( t, place ) ) continue;
            var column : int = atX + place % 4;
            var row : int = atY + place / 4;
            if( column < 0 || column >= width || row >= height ) return 0;
            if( cells[row * width + column] != 0 ) return 0;
        }
        return 1;
    }

    // One row down, or the shape lies.
    void fall()
    {
        lock.lock();
        var over : int = 0;
        if( fits( x, y + 1, turn ) ) y += 1;
        else {
            lie();
            next();
            over = !fits( x, y, turn );
        }
        lock.unlock();
        if( over ) {
            boot.16( "game " + games + " is over: " + gone + " rows\x1b[K\n" );
            games += 1;
            boot.sleep( 1000 );
            clear();
        }
    }

    void lie()
    {
        for( var place : int = 0; place < 16; place += 1 ) {
            if( covers( turn, place ) ) cells[( y + place / 4 ) * width + x + place % 4] = shape + 1;
        }
        lain += 1;
        for( var row : int = 0; row < height; row += 1 ) if( full( row ) ) remove( row );
    }

    int full( var row : int )
    {
        for( var column : int = 0; column < width; column += 1 ) if( cells[row * width + column] == 0 ) return 0;
        return 1;
    }

    void remove( var row : int )
    {
        for( var i : int = row * width + width - 1; i >= width; i -= 1 ) cells[i] = cells[i - width];
        for( var column : int = 0; column < width; column += 1 ) cells[column] = 0;
        gone += 1;
    }

    void key( var name : string )
    {
        lock.lock();
        if( name == "a" && fits( x - 1, y, turn ) ) x -= 1;
        if( name == "d" && fits( x + 1, y, turn ) ) x += 1;
        if( name == "w" && fits( x, y, ( turn + 1 ) % 4 ) ) turn = ( turn + 1 ) % 4;
        if( name == "s" ) while( fits( x, y + 1, turn ) ) y += 1;
        lock.unlock();
        show();
    }

    void show()
    {
        lock.lock();
        boot.16( "\x1b[Hgame " + games + ", rows " + gone + "   \n" );
        for( var row : int = 0; row < height; row += 1 ) {
            boot.16( "|" );
            for( var column : int = 0; column < width; column += 1 ) boot.16( looks[at( row, column )] );
            boot.16( " |\n" );
        }
        boot.16( "a d: move, w: turn, s: drop\n" );
        lock.unlock();
    }

    int at( var row : int, var column : int )
    {
        var inX : int = column - x;
        var inY : int = row - y;
        if( inX >= 0 && inX < 4 && inY >= 0 && inY < 4 && covers( turn, inY * 4 + inX ) ) return shape + 1;
        return cells[row * width + column];
    }

    // Each shape that lies has brought four cells, each row that went has taken its width.
    string invariant()
    {
        if( cells == null ) return null;
        lock.lock();
        var found : int = 0;
        foreach( cell in cells ) if( cell != 0 ) found += 1;
        var expected : int = lain * 4 - gone * width;
        lock.unlock();
        if( found != expected ) return found + " cells are taken, not " + expected;
        return null;
    }
};
