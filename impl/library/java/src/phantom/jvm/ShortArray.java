package phantom.jvm;

/** short[] */
final class ShortArray extends Array {
    ShortArray(int length) {
        super(length);
        zero = Machine.box(0);
    }

    Array fresh(int length) {
        return new ShortArray(length);
    }

    Text descriptor() {
        return Machine.text("[S");
    }
}
