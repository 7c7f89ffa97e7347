// A notebook that never needs saving: what you type is there after the next power cut.
package .demo.notebook;

class main
{
    var tty : .internal.io.tty;
    var lock : .internal.mutex;
    var notes : .phantom.data.list;
    // Bytes of all notes, kept a second time: what the invariant compares.
    var bytes : int = 0;
    // What has been typed of the next note.
    var line : string = "";

    void startup( var boot ) [8]
    {
        lock = new .internal.mutex();
        notes = new .phantom.data.list();
        tty = new .internal.io.tty();
        tty.putws( "Notebook. Type a note and Enter. A ? shows all, a - forgets the last.\n" );
        while( 1 ) take( tty.getwc() );
    }

    void take( var key : string )
    {
        if( key == "\n" ) { tty.putws( "\n" ); finish(); }
        else if( key == "\x7f" || key == "\b" ) erase();
        else { line += key; tty.putws( key ); }
    }

    void erase()
    {
        if( line.length() == 0 ) return;
        line = line.substring( 0, line.length() - 1 );
        tty.putws( "\b \b" );
    }

    void finish()
    {
        var note : string = line;
        line = "";
        if( note == "?" ) show();
        else if( note == "-" ) forget();
        else if( note.length() > 0 ) keep( note );
        tty.putws( "  (" + notes.size() + " kept)\n" );
    }

    void keep( var note : string )
    {
        lock.lock();
        notes.add( note );
        bytes += note.length();
        lock.unlock();
    }

    void forget()
    {
        if( notes.isEmpty() ) return;
        lock.lock();
        var note : string = notes.removeLast();
        bytes -= note.length();
        lock.unlock();
    }

    void show()
    {
        for( var i : int = 0; i < notes.size(); i += 1 ) tty.putws( "  " + ( i + 1 ) + ". " + notes.get( i ) + "\n" );
    }

    string invariant()
    {
        if( notes == null ) return null;
        lock.lock();
        var found : int = 0;
        foreach( note in notes ) found += ( (string)note ).length();
        var expected : int = bytes;
        lock.unlock();
        if( found != expected ) return "the notes have " + found + " bytes, not " + expected;
        return null;
    }
};
