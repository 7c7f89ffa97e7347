package .demo.tetris;

// Reads keys in a thread of its own. What is typed while the power is off is lost, as on any terminal.
class keys
{
    var game : .demo.tetris.main;
    void keys( var g : .demo.tetris.main ) { game = g; }

    void run( var boot ) [8]
    {
        var tty : .internal.io.tty = new .internal.io.tty();
        while( 1 ) {
            var key : string = tty.getwc();
            if( key == "\x1b" ) key = arrow( tty );
            game.key( key );
        }
    }

    // Arrow keys are sent as ESC [ and a letter.
    string arrow( var tty : .internal.io.tty )
    {
        if( tty.getwc() != "[" ) return "";
        switch( tty.getwc().charAt( 0 ) ) {
            case 'A': return "w";
            case 'B': return "s";
            case 'C': return "d";
            case 'D': return "a";
        }
        return "";
    }
};
