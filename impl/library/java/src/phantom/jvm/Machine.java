package phantom.jvm;

/** Instructions of the machine; the translator puts them in place of the calls. */
public final class Machine {
    private Machine() {}
    /** The literal as the machine's string: Latin-1. */
    public static native Text text(String literal);
    public static native World world();
    public static native Clock clock();
    /** The thread that runs. */
    public static native Object thread();
    /** A number that is the object's own. */
    public static native int identity(Object object);
    public static native Object box(int value);
    public static native Object box(long value);
    public static native Object box(float value);
    public static native Object box(double value);
    public static native int intOf(Object box);
    public static native double doubleIn(Object box);
    public static native Text textOf(int value);
    public static native Text textOf(long value);
    public static native Text textOf(float value);
    public static native Text textOf(double value);
    public static native int bits(float value);
    public static native long bits(double value);
    public static native float floatOf(int bits);
    public static native double doubleOf(long bits);
}
