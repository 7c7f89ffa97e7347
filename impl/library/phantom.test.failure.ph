package .phantom.test;

/** What a check throws that does not hold. */
class failure
{
    var message : string;
    var line : int;
    /** Whether the two texts below say something. */
    var compared : int;
    var expected : string;
    var found : string;

    void failure( var m : string, var l : int )
    {
        message = m;
        line = l;
        compared = 0;
    }

    void failure( var m : string, var l : int, var e : string, var f : string )
    {
        message = m;
        line = l;
        compared = 1;
        expected = e;
        found = f;
    }

    string toString()
    {
        if( compared ) return message + ": expected " + expected + ", found " + found;
        return message;
    }

    /** As the runner reports it. */
    .phantom.data.map report()
    {
        var all : .phantom.data.map = new .phantom.data.map();
        all.put( "message", message );
        all.put( "line", line );
        if( compared ) {
            all.put( "expected", expected );
            all.put( "found", found );
        }
        return all;
    }
};
