package java.lang;

public final class Byte extends Number implements Comparable<Byte> {
    private final byte value;

    public Byte(byte value) {
        this.value = value;
    }

    public static Byte valueOf(byte value) {
        return value >= -128 && value <= 127 ? Cache.all[(int) value + 128] : new Byte(value);
    }

    private static final class Cache {
        static final Byte[] all = new Byte[256];

        static {
            for (int i = 0; i < 256; i++) all[i] = new Byte((byte) (i - 128));
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

    public byte byteValue() {
        return (byte) value;
    }

    public boolean equals(Object other) {
        return other instanceof Byte && value == ((Byte) other).value;
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(byte value) {
        return value;
    }

    public int compareTo(Byte other) {
        return value - other.value;
    }

    public String toString() {
        return Byte.toString(value);
    }

    public static final byte MIN_VALUE = -128;
    public static final byte MAX_VALUE = 127;

    public static int compare(byte a, byte b) {
        return a - b;
    }

    public static String toString(byte value) {
        return Integer.toString(value);
    }

    public static byte parseByte(String text) {
        int value = Integer.parseInt(text);
        if (value < MIN_VALUE || value > MAX_VALUE) {
            throw new NumberFormatException("Value out of range. Value:\"" + text + "\" Radix:10");
        }
        return (byte) value;
    }
}
