package java.lang;

import phantom.jvm.Machine;

public final class Integer extends Number implements Comparable<Integer> {
    private final int value;

    public Integer(int value) {
        this.value = value;
    }

    public static Integer valueOf(int value) {
        return value >= -128 && value <= 127 ? Cache.all[(int) value + 128] : new Integer(value);
    }

    private static final class Cache {
        static final Integer[] all = new Integer[256];

        static {
            for (int i = 0; i < 256; i++) all[i] = new Integer((int) (i - 128));
        }
    }

    public int intValue() {
        return (int) value;
    }

    public long longValue() {
        return (long) value;
    }

    public float floatValue() {
        return (float) value;
    }

    public double doubleValue() {
        return (double) value;
    }

    public boolean equals(Object other) {
        return other instanceof Integer && value == ((Integer) other).value;
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(int value) {
        return value;
    }

    public int compareTo(Integer other) {
        return Integer.compare(value, other.value);
    }

    public String toString() {
        return Integer.toString(value);
    }

    public static final int MIN_VALUE = 0x80000000;
    public static final int MAX_VALUE = 0x7fffffff;
    public static final int SIZE = 32;
    public static final int BYTES = 4;

    public static int compare(int a, int b) {
        return a < b ? -1 : a == b ? 0 : 1;
    }

    public static int compareUnsigned(int a, int b) {
        return compare(a + MIN_VALUE, b + MIN_VALUE);
    }

    public static int signum(int value) {
        return value > 0 ? 1 : value < 0 ? -1 : 0;
    }

    public static int max(int a, int b) {
        return a >= b ? a : b;
    }

    public static int min(int a, int b) {
        return a <= b ? a : b;
    }

    public static int sum(int a, int b) {
        return a + b;
    }

    public static int bitCount(int value) {
        int count = 0;
        for (; value != 0; value &= value - 1) count++;
        return count;
    }

    public static int numberOfLeadingZeros(int value) {
        if (value == 0) return 32;
        int count = 0;
        for (; value > 0; value <<= 1) count++;
        return count;
    }

    public static int numberOfTrailingZeros(int value) {
        if (value == 0) return 32;
        int count = 0;
        for (; (value & 1) == 0; value >>>= 1) count++;
        return count;
    }

    public static int highestOneBit(int value) {
        return value == 0 ? 0 : 1 << 31 - numberOfLeadingZeros(value);
    }

    public static int lowestOneBit(int value) {
        return value & -value;
    }

    public static int rotateLeft(int value, int by) {
        return value << by | value >>> -by;
    }

    public static int rotateRight(int value, int by) {
        return value >>> by | value << -by;
    }

    public static int reverse(int value) {
        int out = 0;
        for (int i = 0; i < 32; i++) {
            out = out << 1 | value & 1;
            value >>>= 1;
        }
        return out;
    }

    public static int reverseBytes(int value) {
        int out = 0;
        for (int i = 0; i < 32; i += 8) {
            out = out << 8 | value & 255;
            value >>>= 8;
        }
        return out;
    }

    public static String toString(int value) {
        return String.of(Machine.textOf(value));
    }

    public static String toString(int value, int radix) {
        if (radix < 2 || radix > 36 || radix == 10) return toString(value);
        StringBuilder out = new StringBuilder();
        int rest = value < 0 ? value : -value;
        do {
            out.append(Character.forDigit((int) -(rest % radix), radix));
            rest /= radix;
        } while (rest != 0);
        if (value < 0) out.append('-');
        return out.reverse().toString();
    }

    private static String unsigned(int value, int shift) {
        StringBuilder out = new StringBuilder();
        do {
            out.append(Character.forDigit((int) value & (1 << shift) - 1, 16));
            value >>>= shift;
        } while (value != 0);
        return out.reverse().toString();
    }

    public static String toHexString(int value) {
        return unsigned(value, 4);
    }

    public static String toOctalString(int value) {
        return unsigned(value, 3);
    }

    public static String toBinaryString(int value) {
        return unsigned(value, 1);
    }

    public static int parseInt(String text) {
        return parseInt(text, 10);
    }

    public static int parseInt(String text, int radix) {
        if (text == null) throw new NumberFormatException("Cannot parse null string");
        int length = text.length();
        boolean negative = length > 0 && text.charAt(0) == '-';
        int at = negative || length > 0 && text.charAt(0) == '+' ? 1 : 0;
        if (at == length) throw new NumberFormatException(wrong(text, radix));
        int limit = negative ? MIN_VALUE : -MAX_VALUE;
        int value = 0;
        for (; at < length; at++) {
            int digit = Character.digit(text.charAt(at), radix);
            if (digit < 0 || value < limit / radix) throw new NumberFormatException(wrong(text, radix));
            value *= radix;
            if (value < limit + digit) throw new NumberFormatException(wrong(text, radix));
            value -= digit;
        }
        return negative ? value : -value;
    }

    private static String wrong(String text, int radix) {
        return "For input string: \"" + text + "\"" + (radix == 10 ? "" : " under radix " + radix);
    }

    public static Integer valueOf(String text) {
        return valueOf(parseInt(text, 10));
    }
}
