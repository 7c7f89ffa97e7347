package phantom.jvm;

/** An array of references. What its elements may be is not checked. */
final class ObjectArray extends Array {
    private final Text type;

    ObjectArray(int length, Text type) {
        super(length);
        this.type = type;
    }

    Array fresh(int length) {
        return new ObjectArray(length, type);
    }

    public Text phantom$interfaces() {
        return super.phantom$interfaces().concat(Machine.text(";[Ljava/lang/Object;;"));
    }

    Text descriptor() {
        return type;
    }
}
