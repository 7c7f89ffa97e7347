package java.lang;

import phantom.jvm.Text;

/** Of a stack trace there is the place where the exception was made. */
public class Throwable implements java.io.Serializable {
    private String message;
    private Throwable cause;
    private Text place;
    private java.util.ArrayList<Throwable> suppressed;

    public Throwable() {}

    public Throwable(String message) {
        this.message = message;
    }

    public Throwable(String message, Throwable cause) {
        this.message = message;
        this.cause = cause;
    }

    public Throwable(Throwable cause) {
        this.cause = cause;
        if (cause != null) message = cause.toString();
    }

    /** The translator calls this after `new`. */
    public final void phantom$made(Text where) {
        place = where;
    }

    public String getMessage() {
        return message;
    }

    public String getLocalizedMessage() {
        return getMessage();
    }

    public Throwable getCause() {
        return cause;
    }

    public Throwable initCause(Throwable cause) {
        this.cause = cause;
        return this;
    }

    public final void addSuppressed(Throwable exception) {
        if (suppressed == null) suppressed = new java.util.ArrayList<Throwable>();
        suppressed.add(exception);
    }

    public final Throwable[] getSuppressed() {
        Throwable[] all = new Throwable[suppressed == null ? 0 : suppressed.size()];
        for (int i = 0; i < all.length; i++) all[i] = suppressed.get(i);
        return all;
    }

    public String toString() {
        String name = getClass().getName();
        String text = getLocalizedMessage();
        return text == null ? name : name + ": " + text;
    }

    public void printStackTrace() {
        System.err.println(toString());
        if (place != null) System.err.println("\tat " + String.of(place));
        for (Throwable t = cause; t != null; t = t.cause) {
            System.err.println("Caused by: " + t);
            if (t.place != null) System.err.println("\tat " + String.of(t.place));
        }
    }
}
