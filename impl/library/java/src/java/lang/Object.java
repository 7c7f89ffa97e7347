package java.lang;

import phantom.jvm.Initialisation;
import phantom.jvm.Machine;
import phantom.jvm.Monitor;
import phantom.jvm.Text;

/** What every object can do. Methods named `phantom$...` are the translator's; a number is that of the kernel's method. */
public class Object {
    private Monitor monitor;

    public Object() {}

    /** Numbers among the fields become 0. */
    public void phantom$defaults() {}

    /** Name of the class, with slashes. */
    public Text phantom$name() {
        return Machine.text("java/lang/Object");
    }

    /** Interfaces of the class, each between semicolons. */
    public Text phantom$interfaces() {
        return Machine.text("");
    }

    public boolean phantom$is(Text mark) {
        return phantom$interfaces().find(mark) >= 0;
    }

    public Object phantom$as(Text mark) {
        if (phantom$is(mark)) return this;
        throw new ClassCastException();
    }

    public void phantom$enter() {
        Monitor mine = monitor;
        if (mine == null) {
            Initialisation.lockMonitors();
            if (monitor == null) monitor = new Monitor();
            mine = monitor;
            Initialisation.unlockMonitors();
        }
        mine.enter();
    }

    public void phantom$exit() {
        locked().exit();
    }

    private Monitor locked() {
        if (monitor == null) throw new IllegalMonitorStateException("current thread is not owner");
        return monitor;
    }

    public Object phantom$copy() {
        return null;
    }

    /** What the kernel prints. */
    public Text phantom$5() {
        return toString().phantom$utf8();
    }

    public boolean equals(Object other) {
        return this == other;
    }

    public int hashCode() {
        return Machine.identity(this);
    }

    public String toString() {
        return getClass().getName() + "@" + Integer.toHexString(hashCode());
    }

    public final Class<?> getClass() {
        return Class.named(phantom$name());
    }

    protected Object clone() throws CloneNotSupportedException {
        Object copy = phantom$copy();
        if (copy == null) throw new CloneNotSupportedException(getClass().getName());
        return copy;
    }

    public final void wait() throws InterruptedException {
        locked().await();
    }

    public final void notify() {
        locked().signal();
    }

    public final void notifyAll() {
        locked().broadcast();
    }
}
