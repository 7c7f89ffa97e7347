package .phantom.shell;
import .phantom.text.*;

/** Lines typed at a terminal, with echo and Backspace; and a shell that is spoken to that way. One thread at a time. */
class terminal
{
    var tty : .internal.io.tty = new .internal.io.tty();

    void print( var text : string ) { tty.putws( text ); }

    /** The next line, without its end; null at Ctrl-D on an empty line. Waits; a power cut loses what was typed of it. */
    string line( var prompt : string )
    {
        var typed : string = "";
        print( prompt );
        while( 1 ) {
            var key : string = tty.getwc();
            var code : int = key.charAt( 0 );
            if( code == 10 || code == 13 ) {
                print( "\n" );
                return typed;
            }
            if( code == 4 && typed == "" ) {
                print( "\n" );
                return null;
            }
            if( code == 8 || code == 127 ) typed = backspace( typed );
            else if( code >= 32 ) {
                print( key );
                typed += key;
            }
        }
    }

    /** Without its last character, which in UTF-8 may be several bytes; on the screen too. */
    string backspace( var typed : string )
    {
        var end : int = typed.length();
        if( end == 0 ) return typed;
        end -= 1;
        while( end > 0 && ( typed.charAt( end ) & 0xc0 ) == 0x80 ) end -= 1;
        print( "\x08 \x08" );
        return strings.range( typed, 0, end );
    }

    /** Lets a shell be spoken to until `exit`, or Ctrl-D. */
    void converse( var with : .phantom.shell.shell )
    {
        while( !with.isOver() ) {
            var said : string = line( with.folder().path() + "> " );
            if( said :== null ) return;
            print( with.execute( said ) );
        }
    }
};
