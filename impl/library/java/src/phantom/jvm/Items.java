package phantom.jvm;

/** The machine's array: it grows as it is filled, and holes are null. */
public final class Items {
    public native Items subarray(int from, int length);
    public native Object get(int index);
    public native void set(Object value, int index);
    public native int size();
}
