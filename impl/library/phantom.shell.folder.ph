package .phantom.shell;
import .phantom.data.*;
import .phantom.text.strings;

/**
 * Objects by name, and folders in folders: what files are elsewhere. A path is names with `/` between them; `.` and
 * `..` are this folder and the one it is in, and a path that begins with `/` begins at the outermost. For one thread at a
 * time.
 */
class folder
{
    var members : map = new map();
    var above : .phantom.shell.folder;
    var itsName : string;

    /** The outermost folder. */
    void folder() { itsName = ""; }

    /** A folder that is in another; `make` makes one. */
    void folder( var in : .phantom.shell.folder, var called : string )
    {
        above = in;
        itsName = called;
    }

    string name() { return itsName; }

    /** The folder it is in; the outermost is in itself. */
    .phantom.shell.folder parent()
    {
        if( above :== null ) return this;
        return above;
    }

    /** From the outermost folder, with `/` in front. */
    string path()
    {
        if( above :== null ) return "/";
        if( above.parent() :== above ) return "/" + itsName;
        return above.path() + "/" + itsName;
    }

    int size() { return members.size(); }

    /** The names in it, in order. */
    list names()
    {
        var all : list = new list();
        all.addAll( members );
        all.sort();
        return all;
    }

    /** The object of a name, or null. */
    .internal.object get( var name : string ) { return members.get( name ); }

    /** Gives a name to an object; the result is what had it, or null. */
    .internal.object put( var name : string, var object )
    {
        if( name == "" || name == "." || name == ".." || strings.contains( name, "/" ) ) throw "folder: " + name + " is no name";
        return members.put( name, object );
    }

    /** Takes a name out; the result is what had it, or null. */
    .internal.object remove( var name : string ) { return members.remove( name ); }

    /** The folder of that name here, made if there is nothing of that name. */
    .phantom.shell.folder make( var name : string )
    {
        var there = get( name );
        if( folder.isFolder( there ) ) return there;
        if( there :!= null ) throw "folder: " + name + " is there and is no folder";
        var made : .phantom.shell.folder = new .phantom.shell.folder( this, name );
        put( name, made );
        return made;
    }

    static int isFolder( var object ) { return object :!= null && object.2() :== ( new .phantom.shell.folder() ).2(); }

    .phantom.shell.folder outermost()
    {
        var at : .phantom.shell.folder = this;
        while( at.parent() :!= at ) at = at.parent();
        return at;
    }

    /** The object at a path, or null. */
    .internal.object find( var path : string )
    {
        var at : .internal.object = this;
        if( strings.startsWith( path, "/" ) ) at = outermost();
        foreach( part in strings.split( path, "/" ) ) {
            if( part == "" || part == "." ) continue;
            if( !folder.isFolder( at ) ) return null;
            if( part == ".." ) at = ( (.phantom.shell.folder)at ).parent();
            else at = ( (.phantom.shell.folder)at ).get( part );
        }
        return at;
    }

    string toString() { return "folder " + path(); }
};
