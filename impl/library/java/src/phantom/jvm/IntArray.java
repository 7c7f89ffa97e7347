package phantom.jvm;

/** int[] */
final class IntArray extends Array {
    IntArray(int length) {
        super(length);
        zero = Machine.box(0);
    }

    Array fresh(int length) {
        return new IntArray(length);
    }

    Text descriptor() {
        return Machine.text("[I");
    }
}
