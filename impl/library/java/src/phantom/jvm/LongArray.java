package phantom.jvm;

/** long[] */
final class LongArray extends Array {
    LongArray(int length) {
        super(length);
        zero = Machine.box(0L);
    }

    Array fresh(int length) {
        return new LongArray(length);
    }

    Text descriptor() {
        return Machine.text("[J");
    }
}
