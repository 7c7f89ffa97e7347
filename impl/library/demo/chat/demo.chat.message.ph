package .demo.chat;

class message
{
    var from : string;
    var thought : int;
    var text : string;
    // How often the thought has gone on.
    var hops : int;

    void message( var f : string, var n : int, var t : string, var h : int )
    {
        from = f;
        thought = n;
        text = t;
        hops = h;
    }

    string getFrom() { return from; }
    int getThought() { return thought; }
    string getText() { return text; }
    int getHops() { return hops; }
    .demo.chat.message next( var by : string ) { return new .demo.chat.message( by, thought, text, hops + 1 ); }
};
