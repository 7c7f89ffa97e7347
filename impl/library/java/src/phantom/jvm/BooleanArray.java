package phantom.jvm;

/** boolean[] */
final class BooleanArray extends Array {
    BooleanArray(int length) {
        super(length);
        zero = Machine.box(0);
    }

    Array fresh(int length) {
        return new BooleanArray(length);
    }

    Text descriptor() {
        return Machine.text("[Z");
    }
}
