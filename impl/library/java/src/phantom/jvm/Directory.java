package phantom.jvm;

/** The machine's map from strings to objects. */
public final class Directory {
    public native int put(Text key, Object value);
    public native Object get(Text key);
}
