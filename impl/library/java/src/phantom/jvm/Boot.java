package phantom.jvm;

/** The boot object. */
public final class Boot {
    private Boot() {}
    public native void print(Text text);
}
