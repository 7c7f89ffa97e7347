package .phantom.event;

/** Who wants to hear events: a subclass gives `heard`. */
class listener
{
    /** Something was published on a topic it subscribed to. */
    void heard( var topic : string, var event ) {}
};
