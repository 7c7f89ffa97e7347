package phantom.jvm;

/** The machine's condition. */
public final class Condition {
    public native void await(Mutex mutex);
    public native void broadcast();
    public native void signal();
}
