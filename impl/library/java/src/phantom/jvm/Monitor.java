package phantom.jvm;

/**
 * What a Java object is locked by: a mutex that its owner may take again, and a condition. All of it is in persistent
 * memory, so locks and waiting go on after a power cut.
 */
public final class Monitor {
    private final Mutex mutex = new Mutex();
    private final Condition condition = new Condition();
    private Object owner;
    private int count;

    public void enter() {
        Object me = Machine.thread();
        if (owner != me) {
            mutex.lock();
            owner = me;
        }
        count++;
    }

    public void exit() {
        check();
        if (--count == 0) {
            owner = null;
            mutex.unlock();
        }
    }

    private void check() {
        if (owner != Machine.thread()) throw new IllegalMonitorStateException("current thread is not owner");
    }

    public void await() {
        check();
        Object me = owner;
        int held = count;
        owner = null;
        count = 0;
        condition.await(mutex);
        owner = me;
        count = held;
    }

    public void signal() {
        check();
        condition.signal();
    }

    public void broadcast() {
        check();
        condition.broadcast();
    }
}
