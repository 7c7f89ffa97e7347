package phantom.jvm;

/** char[] */
final class CharArray extends Array {
    CharArray(int length) {
        super(length);
        zero = Machine.box(0);
    }

    Array fresh(int length) {
        return new CharArray(length);
    }

    Text descriptor() {
        return Machine.text("[C");
    }
}
