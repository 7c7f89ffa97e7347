package phantom.jvm;

/** byte[] */
final class ByteArray extends Array {
    ByteArray(int length) {
        super(length);
        zero = Machine.box(0);
    }

    Array fresh(int length) {
        return new ByteArray(length);
    }

    Text descriptor() {
        return Machine.text("[B");
    }
}
