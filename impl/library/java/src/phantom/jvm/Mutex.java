package phantom.jvm;

/** The machine's mutex; who waits for it goes on waiting after a power cut. */
public final class Mutex {
    public native void lock();
    public native void unlock();
}
