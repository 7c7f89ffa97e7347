// All ways to put eight queens on a chess board so that none can take another: 92.
package .demo.queens;

class main
{
    var boot : .internal.boot;
    var size : int = 8;
    // Column of the queen in each row; rows before `row` are filled.
    var queens : int[];
    var row : int = 0;
    var found : int = 0;

    void startup( var b ) [8]
    {
        boot = b;
        queens = new int[]();
        search();
        boot.16( "solutions for " + size + " queens: " + found + "\n" );
    }

    // Depth first without recursion: the search is where its fields say, so it could go on from any of its steps.
    void search()
    {
        var column : int = 0;
        while( row >= 0 ) {
            while( column < size && !free( column ) ) column += 1;
            if( column < size ) {
                queens[row] = column;
                row += 1;
                column = 0;
                if( row < size ) continue;
                found += 1;
                show();
            }
            row -= 1;
            if( row >= 0 ) column = queens[row] + 1;
        }
    }

    int free( var column : int )
    {
        for( var r : int = 0; r < row; r += 1 ) {
            var other : int = queens[r];
            if( other == column || other - column == row - r || column - other == row - r ) return 0;
        }
        return 1;
    }

    // Every twentieth solution is drawn.
    void show()
    {
        if( found % 20 != 1 ) return;
        boot.16( "solution " + found + "\n" );
        for( var r : int = 0; r < size; r += 1 ) {
            var line : string = "";
            for( var c : int = 0; c < size; c += 1 ) {
                if( queens[r] == c ) line += " Q"; else line += " .";
            }
            boot.16( line + "\n" );
        }
    }

    string invariant()
    {
        if( queens == null ) return null;
        if( found > 92 ) return "found " + found + " solutions of 92";
        return null;
    }
};
