package java.lang;

import phantom.jvm.Directory;
import phantom.jvm.Items;
import phantom.jvm.Text;

/** A class by its name; there is no reflection. */
public final class Class<T> {
    private static final Directory known = new Directory();
    private final Text text;
    /** Constants of an enum, by number. */
    private Items constants;

    private Class(Text text) {
        this.text = text;
    }


    /** The class of that name, with slashes. */
    static Class<?> named(Text name) {
        // The lock of a static synchronized method is the class's object, which comes from here.
        Object found = known.get(name);
        if (found != null) return (Class<?>) found;
        Class<?> made = new Class<Object>(name);
        phantom.jvm.Initialisation.lockMonitors();
        found = known.get(name);
        if (found == null) known.put(name, made);
        phantom.jvm.Initialisation.unlockMonitors();
        return found == null ? made : (Class<?>) found;
    }

    public String getName() {
        return String.of(text).replace('/', '.');
    }

    public String getSimpleName() {
        String name = getName();
        int from = Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1;
        while (from < name.length() && Character.isDigit(name.charAt(from))) from++;
        return name.substring(from);
    }

    public boolean desiredAssertionStatus() {
        return false;
    }

    void register(Enum<?> constant) {
        if (constants == null) constants = new Items();
        constants.set(constant, constant.ordinal());
    }

    Object constant(String name) {
        for (int i = 0; constants != null && i < constants.size(); i++) {
            Enum<?> one = (Enum<?>) constants.get(i);
            if (one != null && one.name().equals(name)) return one;
        }
        return null;
    }

    public String toString() {
        return "class " + getName();
    }
}
