package phantom.jvm;

/** From what the machine throws to what Java catches. */
final class Trap {
    private Trap() {}

    private static boolean says(Text text, Text part) {
        return text.find(part) >= 0;
    }

    /** A Throwable as it is; for a string of the machine's the exception Java has. */
    static Throwable thrown(Object object) {
        if (object instanceof Throwable) return (Throwable) object;
        if (object == null) return new NullPointerException();
        if (object instanceof Text) {
            Text text = (Text) object;
            if (text.same(Machine.text("null object"))) return new NullPointerException();
            // A call by name on null looks for the method in the class of null.
            if (says(text, Machine.text(" in .internal.void"))) return new NullPointerException();
            if (text.same(Machine.text("division by zero"))) return new ArithmeticException("/ by zero");
            if (text.same(Machine.text("cast to not parent"))) return new ClassCastException();
            if (text.same(Machine.text("stack overflow"))) return new StackOverflowError();
            if (text.same(Machine.text("out of memory"))) return new OutOfMemoryError("Java heap space");
            return new InternalError(String.of(text));
        }
        return new InternalError("an object that is no Throwable");
    }

    /** What leaves the initialisation of a class that threw this. */
    static Throwable initialising(Object object) {
        Throwable thrown = thrown(object);
        return thrown instanceof Error ? thrown : new ExceptionInInitializerError(thrown);
    }

    /** Tells of an exception that ends a thread. */
    static Throwable uncaught(Object object) {
        Throwable thrown = thrown(object);
        String name = Thread.currentThread().getName();
        System.err.print("Exception in thread \"" + name + "\" ");
        thrown.printStackTrace();
        return thrown;
    }
}
