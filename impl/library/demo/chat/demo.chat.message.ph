package .demo.chat;

class message
{
    var from : .demo.chat.actor;
    var text : string;
    // How often the thought has gone on.
    var hops : int;

    void message( var f : .demo.chat.actor, var t : string, var h : int ) { from = f; text = t; hops = h; }

    .demo.chat.actor getFrom() { return from; }
    string getText() { return text; }
    int getHops() { return hops; }
};
