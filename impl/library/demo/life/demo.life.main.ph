// Conway's Game of Life, a board of 28 by 20 that goes on across power cuts.
package .demo.life;

class main
{
    var boot : .internal.boot;
    var lock : .internal.mutex;
    // A row is a number, a cell one of its bits; left and right edges meet, so do top and bottom.
    var rows : int[];
    var next : int[];
    var height : int = 20;
    var mask : int = 0xfffffff;
    var generation : int = 0;
    var checksum : int = 0;
    // Four cells as text, by their bits.
    var cells : string[];

    void startup( var b ) [8]
    {
        boot = b;
        lock = new .internal.mutex();
        prepare();
        boot.16( "\x1b[2J" );
        while( 1 ) {
            show();
            boot.sleep( 50 );
            step();
        }
    }

    void prepare()
    {
        cells = new string[]();
        for( var bits : int = 0; bits < 16; bits += 1 ) {
            var text : string = "";
            for( var bit : int = 3; bit >= 0; bit -= 1 ) {
                if( ( ( bits >> bit ) & 1 ) == 1 ) text += " O"; else text += " .";
            }
            cells[bits] = text;
        }
        var board : int[] = new int[]();
        next = new int[]();
        for( var y : int = 0; y < height; y += 1 ) { board[y] = 0; next[y] = 0; }
        // An R-pentomino, which takes long to settle, and a glider.
        board[9] = 0x0006000;
        board[10] = 0x000c000;
        board[11] = 0x0004000;
        board[1] = 0x4000000;
        board[2] = 0x2000000;
        board[3] = 0xe000000;
        lock.lock();
        checksum = sum( board );
        rows = board;
        lock.unlock();
    }

    // All cells of a row at once: the neighbours of each are added up in bit planes.
    void step()
    {
        for( var y : int = 0; y < height; y += 1 ) {
            var above : int = rows[( y + height - 1 ) % height];
            var here : int = rows[y];
            var below : int = rows[( y + 1 ) % height];
            ones = 0;
            twos = 0;
            fours = 0;
            add( left( above ) ); add( above ); add( right( above ) );
            add( left( here ) ); add( right( here ) );
            add( left( below ) ); add( below ); add( right( below ) );
            // Alive with three neighbours, or with two when alive before.
            next[y] = twos & ( ~fours ) & ( ones | here );
        }
        lock.lock();
        var old : int[] = rows;
        rows = next;
        next = old;
        generation += 1;
        checksum = sum( rows );
        lock.unlock();
    }

    // Neighbours so far, as bits of weight 1, 2 and 4; four and more count as many.
    var ones : int = 0;
    var twos : int = 0;
    var fours : int = 0;

    void add( var bits : int )
    {
        var carry : int = ones & bits;
        ones = ones ^ bits;
        fours = fours | ( twos & carry );
        twos = twos ^ carry;
    }

    int left( var row : int ) { return ( ( row << 1 ) | ( row >> 27 ) ) & mask; }
    int right( var row : int ) { return ( row >> 1 ) | ( ( row & 1 ) << 27 ); }

    int sum( var board : int[] )
    {
        var result : int = generation;
        for( var y : int = 0; y < height; y += 1 ) result = ( result * 31 + board[y] ) & 0xffffff;
        return result;
    }

    void show()
    {
        boot.16( "\x1b[Hgeneration " + generation + "\n" );
        for( var y : int = 0; y < height; y += 1 ) {
            var row : int = rows[y];
            for( var shift : int = 24; shift >= 0; shift -= 4 ) boot.16( cells[( row >> shift ) & 15] );
            boot.16( "\n" );
        }
    }

    string invariant()
    {
        if( lock == null ) return null;
        lock.lock();
        var problem : string = null;
        if( rows != null && sum( rows ) != checksum ) problem = "the board is not that of generation " + generation;
        lock.unlock();
        return problem;
    }
};
