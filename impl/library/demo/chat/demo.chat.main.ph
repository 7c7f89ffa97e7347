// Three actors that chat: each a thread with a mailbox, and no message is lost or comes twice.
package .demo.chat;

class main
{
    var actors : .demo.chat.actor[];

    void startup( var boot ) [8]
    {
        var all : .demo.chat.actor[] = new .demo.chat.actor[]();
        all[0] = new .demo.chat.actor( "ann" );
        all[1] = new .demo.chat.actor( "bob" );
        all[2] = new .demo.chat.actor( "cleo" );
        actors = all;
        for( var i : int = 0; i < 3; i += 1 ) {
            all[i].knows( all[( i + 1 ) % 3] );
            boot.18( all[i] );
        }
        all[0].receive( new .demo.chat.message( all[2], "hello", 1 ) );
        all[1].receive( new .demo.chat.message( all[0], "how are you", 1 ) );
    }

    string invariant()
    {
        if( actors == null ) return null;
        foreach( actor in actors ) {
            var problem : string = actor.check();
            if( problem != null ) return problem;
        }
        return null;
    }
};
