package java.lang;

import phantom.jvm.Decimal;
import phantom.jvm.Machine;

public final class Float extends Number implements Comparable<Float> {
    private final float value;

    public Float(float value) {
        this.value = value;
    }

    public static Float valueOf(float value) {
        return new Float(value);
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
        return other instanceof Float && floatToIntBits(value) == floatToIntBits(((Float) other).value);
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(float value) {
        return floatToIntBits(value);
    }

    public int compareTo(Float other) {
        return compare(value, other.value);
    }

    public String toString() {
        return Float.toString(value);
    }

    public static final float POSITIVE_INFINITY = 1.0f / 0;
    public static final float NEGATIVE_INFINITY = -1.0f / 0;
    public static final float NaN = 0.0f / 0;
    public static final float MAX_VALUE = 3.4028235e+38f;
    public static final float MIN_VALUE = 1.4e-45f;
    public static final float MIN_NORMAL = 1.17549435E-38f;

    public static int floatToIntBits(float value) {
        return value != value ? 0x7fc00000 : Machine.bits(value);
    }

    public static int floatToRawIntBits(float value) {
        return Machine.bits(value);
    }

    public static float intBitsToFloat(int bits) {
        return Machine.floatOf(bits);
    }

    public static boolean isNaN(float value) {
        return value != value;
    }

    public boolean isNaN() {
        return value != value;
    }

    public static boolean isInfinite(float value) {
        return value == POSITIVE_INFINITY || value == NEGATIVE_INFINITY;
    }

    public boolean isInfinite() {
        return isInfinite(value);
    }

    public static boolean isFinite(float value) {
        return value - value == 0;
    }

    public static int compare(float a, float b) {
        if (a < b) return -1;
        if (a > b) return 1;
        int x = floatToIntBits(a);
        int y = floatToIntBits(b);
        return x == y ? 0 : x < y ? -1 : 1;
    }

    public static float max(float a, float b) {
        return Math.max(a, b);
    }

    public static float min(float a, float b) {
        return Math.min(a, b);
    }

    public static float sum(float a, float b) {
        return a + b;
    }

    public static String toString(float value) {
        return Decimal.of(value).toString();
    }

    public static float parseFloat(String text) {
        return (float) Double.parseDouble(text);
    }
}
