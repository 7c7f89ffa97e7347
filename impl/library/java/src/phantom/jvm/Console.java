package phantom.jvm;

/** The right to print: the boot object, which the kernel hands to the start of the program. */
public final class Console {
    private static Boot boot;

    private Console() {}

    public static void attach(Boot given) {
        boot = given;
    }

    public static void print(Text text) {
        boot.print(text);
    }
}
