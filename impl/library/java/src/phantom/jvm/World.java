package phantom.jvm;

/** What every program may have: threads of its own. */
public final class World {
    private World() {}
    /** Runs method 8 of the object in a new thread, with the argument. */
    public native int thread(Object runnable, Object argument);
}
