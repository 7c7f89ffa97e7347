package phantom.jvm;

/** The kernel's time. */
public final class Clock {
    private Clock() {}
    public native void sleep(int milliseconds);
}
