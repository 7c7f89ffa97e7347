package .phantom.shell;

/** A system that is a shell: `phantom run --disk my.img` with this class; its folders are there after every power cut. */
class main
{
    var root : .phantom.shell.folder;
    var at : .phantom.shell.terminal;

    void startup( var boot ) [8]
    {
        root = new .phantom.shell.folder();
        at = new .phantom.shell.terminal();
        at.print( "Phantom shell; say help\n" );
        at.converse( new .phantom.shell.shell( root ) );
    }
};
