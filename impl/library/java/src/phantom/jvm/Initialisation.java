package phantom.jvm;

/**
 * The lock under which classes are initialised, one for all; and the one under which objects get their monitors. Begun
 * before there is a second thread.
 */
public final class Initialisation {
    private static final Monitor classes = new Monitor();
    private static final Mutex monitors = new Mutex();

    private Initialisation() {}

    static void enter() {
        classes.enter();
    }

    static void leave() {
        classes.exit();
    }

    public static void lockMonitors() {
        monitors.lock();
    }

    public static void unlockMonitors() {
        monitors.unlock();
    }
}
