// A shell over folders of objects: mkdir, put, cat, run; what you store is there after every power cut.
package .demo.shell;

class main
{
    var root : .phantom.shell.folder;
    var at : .phantom.shell.terminal;
    // Held while a command is executed, so that the invariant sees whole ones.
    var lock : .internal.mutex;

    void startup( var boot ) [8]
    {
        lock = new .internal.mutex();
        root = new .phantom.shell.folder();
        at = new .phantom.shell.terminal();
        var one : .phantom.shell.shell = new .phantom.shell.shell( root, boot );
        at.print( "Phantom shell; say help, or run .demo.shell.hello\n" );
        while( !one.isOver() ) {
            var said : string = at.line( one.folder().path() + "> " );
            if( said :== null ) return;
            lock.lock();
            var answer : string = one.execute( said );
            lock.unlock();
            at.print( answer );
        }
    }

    // Every folder is in the folder that has it, by the name it has there.
    string invariant()
    {
        if( root :== null ) return null;
        lock.lock();
        var found : string = broken( root );
        lock.unlock();
        return found;
    }

    string broken( var in : .phantom.shell.folder )
    {
        foreach( name in in.names() ) {
            var there = in.get( name );
            if( there :== null ) return in.path() + " has nothing by the name " + name;
            if( !.phantom.shell.folder.isFolder( there ) ) continue;
            var inner : .phantom.shell.folder = there;
            if( inner.parent() :!= in || inner.name() != name ) return inner.path() + " is in " + in.path() + " as " + name;
            var found : string = broken( inner );
            if( found :!= null ) return found;
        }
        return null;
    }
};
