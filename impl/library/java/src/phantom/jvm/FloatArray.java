package phantom.jvm;

/** float[] */
final class FloatArray extends Array {
    FloatArray(int length) {
        super(length);
        zero = Machine.box(0f);
    }

    Array fresh(int length) {
        return new FloatArray(length);
    }

    Text descriptor() {
        return Machine.text("[F");
    }
}
