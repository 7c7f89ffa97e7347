package phantom.jvm;

/** double[] */
final class DoubleArray extends Array {
    DoubleArray(int length) {
        super(length);
        zero = Machine.box(0d);
    }

    Array fresh(int length) {
        return new DoubleArray(length);
    }

    Text descriptor() {
        return Machine.text("[D");
    }
}
