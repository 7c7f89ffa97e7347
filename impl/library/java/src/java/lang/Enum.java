package java.lang;

public abstract class Enum<E extends Enum<E>> implements Comparable<E>, java.io.Serializable {
    private final String name;
    private final int ordinal;

    protected Enum(String name, int ordinal) {
        this.name = name;
        this.ordinal = ordinal;
        getDeclaringClass().register(this);
    }

    public final String name() {
        return name;
    }

    public final int ordinal() {
        return ordinal;
    }

    public String toString() {
        return name;
    }

    public final boolean equals(Object other) {
        return this == other;
    }

    public final int hashCode() {
        return super.hashCode();
    }

    public final int compareTo(E other) {
        return ordinal - ((Enum<?>) other).ordinal;
    }

    /** A constant with a body is of a class of its own, `E$1`. */
    @SuppressWarnings("unchecked")
    public final Class<E> getDeclaringClass() {
        phantom.jvm.Text name = phantom$name();
        int end = name.length();
        int digits = end;
        while (digits > 0 && name.charAt(digits - 1) >= '0' && name.charAt(digits - 1) <= '9') digits--;
        if (digits < end && digits > 1 && name.charAt(digits - 1) == '$') name = name.substring(0, digits - 1);
        return (Class<E>) Class.named(name);
    }

    @SuppressWarnings("unchecked")
    public static <T extends Enum<T>> T valueOf(Class<T> type, String name) {
        if (name == null) throw new NullPointerException("Name is null");
        Object found = type.constant(name);
        if (found == null) throw new IllegalArgumentException("No enum constant " + type.getName().replace('$', '.') + "." + name);
        return (T) found;
    }
}
