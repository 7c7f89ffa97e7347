package .phantom.time;

/** The machine's clock, and what time means to a program that outlives its machine: times off pass on the clock, and not in sleeps. */
class clock
{
    /** Seconds since 1970, up to the year 2106. */
    static long seconds()
    {
        var now : long = new .internal.time().unixTime();
        return now & 4294967295;
    }

    static .phantom.time.date now() { return new .phantom.time.date( clock.seconds() ); }

    /** Waits so many milliseconds of the machine's running time. */
    static void sleep( var milliseconds : int ) { new .internal.time().sleepMsec( milliseconds ); }

    /** The number of this boot, which is another after each power cut. */
    static int boot() { return new .internal.stat().counter( 0 ); }
};
