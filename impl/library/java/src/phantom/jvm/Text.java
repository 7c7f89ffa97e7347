package phantom.jvm;

/** The machine's string: bytes that never change. The translator knows its methods as the kernel's. */
public final class Text {
    private Text() {}
    public native boolean same(Text other);
    public native Text substring(int from, int length);
    public native int charAt(int index);
    public native Text concat(Text other);
    public native int length();
    /** The number that stands there, as JSON has it. */
    public native Object number();
    /** Index of the first place where the other occurs, or -1. */
    public native int find(Text other);
}
