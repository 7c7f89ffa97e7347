package java.lang;

import phantom.jvm.Items;
import phantom.jvm.Machine;

/** A thread of the machine: it goes on after a power cut. */
public class Thread implements Runnable {
    private static final Items threads = new Items();
    private static int made;

    private final Runnable target;
    private String name;
    /** The machine's thread, while it runs. */
    private Object machine;
    private boolean started;
    private boolean ended;

    public Thread() {
        this(null, null);
    }

    public Thread(Runnable target) {
        this(target, null);
    }

    public Thread(String name) {
        this(null, name);
    }

    public Thread(Runnable target, String name) {
        this.target = target;
        this.name = name == null ? "Thread-" + number() : name;
    }

    private static synchronized int number() {
        return made++;
    }

    public void run() {
        if (target != null) target.run();
    }

    public synchronized void start() {
        if (started) throw new IllegalThreadStateException();
        started = true;
        Machine.world().thread(this, null);
    }

    /** What the machine's thread runs. */
    public final void phantom$8(Object nothing) {
        begin();
        try {
            run();
        } catch (Throwable thrown) {
            System.err.print("Exception in thread \"" + name + "\" ");
            thrown.printStackTrace();
        }
        end();
    }

    private void begin() {
        machine = Machine.thread();
        synchronized (threads()) {
            int at = 0;
            while (at < threads.size() && threads.get(at) != null) at++;
            threads.set(this, at);
        }
    }

    private void end() {
        synchronized (threads()) {
            for (int i = 0; i < threads.size(); i++) if (threads.get(i) == this) threads.set(null, i);
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private static Object threads() {
        return Thread.class;
    }

    public final boolean isAlive() {
        return started && !ended;
    }

    public final synchronized void join() throws InterruptedException {
        while (isAlive()) wait();
    }

    public final String getName() {
        return name;
    }

    public final void setName(String name) {
        this.name = name;
    }

    public final void setDaemon(boolean on) {}

    public static Thread currentThread() {
        Object me = Machine.thread();
        synchronized (threads()) {
            for (int i = 0; i < threads.size(); i++) {
                Thread one = (Thread) threads.get(i);
                if (one != null && one.machine == me) return one;
            }
        }
        Thread main = new Thread(null, "main");
        main.started = true;
        main.begin();
        return main;
    }

    public static void sleep(long milliseconds) throws InterruptedException {
        if (milliseconds < 0) throw new IllegalArgumentException("timeout value is negative");
        for (; milliseconds > 1000000; milliseconds -= 1000000) Machine.clock().sleep(1000000);
        Machine.clock().sleep((int) milliseconds);
    }

    public static void yield() {}
}
