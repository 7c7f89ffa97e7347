// The Mandelbrot set in 22 rows of characters, each row kept once it is drawn.
package .demo.mandelbrot;

class main
{
    var boot : .internal.boot;
    var rows : string[];
    var width : int = 60;
    var height : int = 22;
    var shades : string = " .,:;=+*#%@";

    void startup( var b ) [8]
    {
        boot = b;
        rows = new string[]();
        while( rows.size() < height ) {
            rows[rows.size()] = row( rows.size() );
            boot.16( rows[rows.size() - 1] + "\n" );
        }
    }

    string row( var y : int )
    {
        var text : string = "";
        for( var x : int = 0; x < width; x += 1 ) {
            var n : int = escape( -2.2 + x * 0.05, -1.155 + y * 0.11 );
            text += shades.substring( n, 1 );
        }
        return text;
    }

    // After how many steps of z = z * z + c the point is outside the circle of radius 2; at most 10.
    int escape( var cx : double, var cy : double )
    {
        var x : double = 0.0;
        var y : double = 0.0;
        for( var n : int = 0; n < 10; n += 1 ) {
            var xx : double = x * x;
            var yy : double = y * y;
            if( xx + yy > 4.0 ) return n;
            y = 2.0 * x * y + cy;
            x = xx - yy + cx;
        }
        return 10;
    }

    string invariant()
    {
        if( rows == null ) return null;
        foreach( text in rows ) {
            if( text.length() != width ) return "a row has " + text.length() + " characters, not " + width;
        }
        return null;
    }
};
