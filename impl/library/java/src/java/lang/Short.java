package java.lang;

public final class Short extends Number implements Comparable<Short> {
    private final short value;

    public Short(short value) {
        this.value = value;
    }

    public static Short valueOf(short value) {
        return value >= -128 && value <= 127 ? Cache.all[(int) value + 128] : new Short(value);
    }

    private static final class Cache {
        static final Short[] all = new Short[256];

        static {
            for (int i = 0; i < 256; i++) all[i] = new Short((short) (i - 128));
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

    public short shortValue() {
        return (short) value;
    }

    public boolean equals(Object other) {
        return other instanceof Short && value == ((Short) other).value;
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(short value) {
        return value;
    }

    public int compareTo(Short other) {
        return value - other.value;
    }

    public String toString() {
        return Short.toString(value);
    }

    public static final short MIN_VALUE = -32768;
    public static final short MAX_VALUE = 32767;

    public static int compare(short a, short b) {
        return a - b;
    }

    public static String toString(short value) {
        return Integer.toString(value);
    }

    public static short parseShort(String text) {
        int value = Integer.parseInt(text);
        if (value < MIN_VALUE || value > MAX_VALUE) {
            throw new NumberFormatException("Value out of range. Value:\"" + text + "\" Radix:10");
        }
        return (short) value;
    }
}
