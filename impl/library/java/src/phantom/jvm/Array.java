package phantom.jvm;

/** A Java array: a machine array of just that length, whose holes stand for the zero of the element type. */
public abstract class Array implements Cloneable, java.io.Serializable {
    Items items;
    int length;
    Object zero;

    Array(int length) {
        if (length < 0) throw new NegativeArraySizeException(String.valueOf(length));
        items = new Items();
        if (length > 0) items.set(null, length - 1);
        this.length = length;
    }

    /** These two are bytecode of the translator's (`natives.ts`). */
    native Object get(int index);

    native void set(int index, Object value);

    void fail(int index) {
        throw new ArrayIndexOutOfBoundsException("Index " + index + " out of bounds for length " + length);
    }

    /** An array of the same type. */
    abstract Array fresh(int length);

    abstract Text descriptor();

    public Text phantom$interfaces() {
        Text own = Machine.text(";").concat(descriptor()).concat(Machine.text(";"));
        return Machine.text(";java/lang/Cloneable;;java/io/Serializable;").concat(own);
    }

    public Text phantom$name() {
        return descriptor();
    }

    public Object clone() {
        Array copy = fresh(0);
        copy.length = length;
        copy.items = items.subarray(0, length);
        return copy;
    }

    /** As `System.arraycopy`, between arrays whose elements are of one kind. */
    static void copy(Array from, int at, Array to, int place, int count) {
        if (at < 0 || place < 0 || count < 0 || at > from.length - count || place > to.length - count) {
            throw new ArrayIndexOutOfBoundsException("arraycopy: last source index " + (at + count)
                    + " out of bounds for length " + from.length);
        }
        Items source = from == to && at < place ? from.items.subarray(at, count) : from.items;
        int start = source == from.items ? at : 0;
        for (int i = 0; i < count; i++) to.items.set(source.get(start + i), place + i);
    }

    /** An array of the type of this one. */
    public static Object like(Object array, int length) {
        return ((Array) array).fresh(length);
    }

    /** For `System.arraycopy`. */
    public static void arraycopy(Object from, int at, Object to, int place, int count) {
        if (from == null || to == null) throw new NullPointerException();
        if (!(from instanceof Array) || !(to instanceof Array)) throw new ArrayStoreException("arraycopy: not an array");
        Array source = (Array) from;
        Array target = (Array) to;
        if (source.zero == null ? target.zero != null : !source.descriptor().same(target.descriptor())) {
            throw new ArrayStoreException("arraycopy: type mismatch");
        }
        copy(source, at, target, place, count);
    }
}
