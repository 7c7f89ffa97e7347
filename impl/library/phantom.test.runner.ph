package .phantom.test;
import .phantom.data.map;

/**
 * What the program that `phantom test` makes reports with: for each test a JSON object on a line that begins with the
 * record separator (RFC 7464), so that it is found among what the tests print themselves.
 */
class runner
{
    var boot : .internal.boot;

    void runner( var b : .internal.boot ) { boot = b; }

    void report( var test : int, var outcome : string, var facts : map )
    {
        facts.put( "test", test );
        facts.put( "outcome", outcome );
        boot.16( "\x1e" + .phantom.text.json.print( facts ) + "\n" );
    }

    void begin( var test : int ) { report( test, "begun", new map() ); }

    void passed( var test : int, var checks : int )
    {
        var facts : map = new map();
        facts.put( "checks", checks );
        report( test, "passed", facts );
    }

    void failed( var test : int, var why : .phantom.test.failure ) { report( test, "failed", why.report() ); }

    /** Something was thrown that was no failed check. */
    void thrown( var test : int, var what )
    {
        var facts : map = new map();
        facts.put( "message", "thrown: " + what );
        facts.put( "line", 0 );
        report( test, "failed", facts );
    }

    void end() { report( -1, "ended", new map() ); }
};
