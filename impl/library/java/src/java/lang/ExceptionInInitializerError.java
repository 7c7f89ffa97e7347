package java.lang;

public class ExceptionInInitializerError extends LinkageError {
    public ExceptionInInitializerError() {}

    public ExceptionInInitializerError(Throwable thrown) {
        super((String) null, thrown);
    }

    public Throwable getException() {
        return getCause();
    }
}
