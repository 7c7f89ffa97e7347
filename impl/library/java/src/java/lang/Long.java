package java.lang;

import phantom.jvm.Machine;

public final class Long extends Number implements Comparable<Long> {
    private final long value;

    public Long(long value) {
        this.value = value;
    }

    public static Long valueOf(long value) {
        return value >= -128 && value <= 127 ? Cache.all[(int) value + 128] : new Long(value);
    }

    private static final class Cache {
        static final Long[] all = new Long[256];

        static {
            for (int i = 0; i < 256; i++) all[i] = new Long((long) (i - 128));
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
        return other instanceof Long && value == ((Long) other).value;
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(long value) {
        return (int) (value ^ value >>> 32);
    }

    public int compareTo(Long other) {
        return compare(value, other.value);
    }

    public String toString() {
        return Long.toString(value);
    }

    public static final long MIN_VALUE = 0x8000000000000000L;
    public static final long MAX_VALUE = 0x7fffffffffffffffL;
    public static final int SIZE = 64;
    public static final int BYTES = 8;

    public static int compare(long a, long b) {
        return a < b ? -1 : a == b ? 0 : 1;
    }

    public static int compareUnsigned(long a, long b) {
        return compare(a + MIN_VALUE, b + MIN_VALUE);
    }

    public static int signum(long value) {
        return value > 0 ? 1 : value < 0 ? -1 : 0;
    }

    public static long max(long a, long b) {
        return a >= b ? a : b;
    }

    public static long min(long a, long b) {
        return a <= b ? a : b;
    }

    public static long sum(long a, long b) {
        return a + b;
    }

    public static int bitCount(long value) {
        int count = 0;
        for (; value != 0; value &= value - 1) count++;
        return count;
    }

    public static int numberOfLeadingZeros(long value) {
        if (value == 0) return 64;
        int count = 0;
        for (; value > 0; value <<= 1) count++;
        return count;
    }

    public static int numberOfTrailingZeros(long value) {
        if (value == 0) return 64;
        int count = 0;
        for (; (value & 1) == 0; value >>>= 1) count++;
        return count;
    }

    public static long highestOneBit(long value) {
        return value == 0 ? 0 : 1L << 63 - numberOfLeadingZeros(value);
    }

    public static long lowestOneBit(long value) {
        return value & -value;
    }

    public static long rotateLeft(long value, int by) {
        return value << by | value >>> -by;
    }

    public static long rotateRight(long value, int by) {
        return value >>> by | value << -by;
    }

    public static long reverse(long value) {
        long out = 0;
        for (int i = 0; i < 64; i++) {
            out = out << 1 | value & 1;
            value >>>= 1;
        }
        return out;
    }

    public static long reverseBytes(long value) {
        long out = 0;
        for (int i = 0; i < 64; i += 8) {
            out = out << 8 | value & 255;
            value >>>= 8;
        }
        return out;
    }

    public static String toString(long value) {
        return String.of(Machine.textOf(value));
    }

    public static String toString(long value, int radix) {
        if (radix < 2 || radix > 36 || radix == 10) return toString(value);
        StringBuilder out = new StringBuilder();
        long rest = value < 0 ? value : -value;
        do {
            out.append(Character.forDigit((int) -(rest % radix), radix));
            rest /= radix;
        } while (rest != 0);
        if (value < 0) out.append('-');
        return out.reverse().toString();
    }

    private static String unsigned(long value, int shift) {
        StringBuilder out = new StringBuilder();
        do {
            out.append(Character.forDigit((int) value & (1 << shift) - 1, 16));
            value >>>= shift;
        } while (value != 0);
        return out.reverse().toString();
    }

    public static String toHexString(long value) {
        return unsigned(value, 4);
    }

    public static String toOctalString(long value) {
        return unsigned(value, 3);
    }

    public static String toBinaryString(long value) {
        return unsigned(value, 1);
    }

    public static long parseLong(String text) {
        return parseLong(text, 10);
    }

    public static long parseLong(String text, int radix) {
        if (text == null) throw new NumberFormatException("Cannot parse null string");
        int length = text.length();
        boolean negative = length > 0 && text.charAt(0) == '-';
        int at = negative || length > 0 && text.charAt(0) == '+' ? 1 : 0;
        if (at == length) throw new NumberFormatException(wrong(text, radix));
        long limit = negative ? MIN_VALUE : -MAX_VALUE;
        long value = 0;
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

    public static Long valueOf(String text) {
        return valueOf(parseLong(text, 10));
    }
}
