package phantom.jvm;

/** The boot object. */
public final class Boot {
    private Boot() {}
    public native void print(Text text);
    /** Runs method 8 of the object in a new thread. */
    public native void thread(Object runnable);
    public native void sleep(int milliseconds);
}
