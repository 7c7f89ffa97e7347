package java.lang;

import phantom.jvm.Decimal;
import phantom.jvm.Machine;

public final class Double extends Number implements Comparable<Double> {
    private final double value;

    public Double(double value) {
        this.value = value;
    }

    public static Double valueOf(double value) {
        return new Double(value);
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
        return other instanceof Double && doubleToLongBits(value) == doubleToLongBits(((Double) other).value);
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(double value) {
        return (int) (doubleToLongBits(value) ^ doubleToLongBits(value) >>> 32);
    }

    public int compareTo(Double other) {
        return compare(value, other.value);
    }

    public String toString() {
        return Double.toString(value);
    }

    public static final double POSITIVE_INFINITY = 1.0 / 0;
    public static final double NEGATIVE_INFINITY = -1.0 / 0;
    public static final double NaN = 0.0 / 0;
    public static final double MAX_VALUE = 1.7976931348623157e+308;
    public static final double MIN_VALUE = 4.9e-324;
    public static final double MIN_NORMAL = 2.2250738585072014E-308;

    public static long doubleToLongBits(double value) {
        return value != value ? 0x7ff8000000000000L : Machine.bits(value);
    }

    public static long doubleToRawLongBits(double value) {
        return Machine.bits(value);
    }

    public static double longBitsToDouble(long bits) {
        return Machine.doubleOf(bits);
    }

    public static boolean isNaN(double value) {
        return value != value;
    }

    public boolean isNaN() {
        return value != value;
    }

    public static boolean isInfinite(double value) {
        return value == POSITIVE_INFINITY || value == NEGATIVE_INFINITY;
    }

    public boolean isInfinite() {
        return isInfinite(value);
    }

    public static boolean isFinite(double value) {
        return value - value == 0;
    }

    public static int compare(double a, double b) {
        if (a < b) return -1;
        if (a > b) return 1;
        long x = doubleToLongBits(a);
        long y = doubleToLongBits(b);
        return x == y ? 0 : x < y ? -1 : 1;
    }

    public static double max(double a, double b) {
        return Math.max(a, b);
    }

    public static double min(double a, double b) {
        return Math.min(a, b);
    }

    public static double sum(double a, double b) {
        return a + b;
    }

    public static String toString(double value) {
        return Decimal.of(value).toString();
    }

    public static Double valueOf(String text) {
        return valueOf(parseDouble(text));
    }

    public static double parseDouble(String text) {
        String trimmed = text.trim();
        int length = trimmed.length();
        if (length == 0) throw new NumberFormatException(text.isEmpty() ? "empty String" : "empty String");
        int at = 0;
        boolean negative = trimmed.charAt(0) == '-';
        if (negative || trimmed.charAt(0) == '+') at++;
        String size = trimmed.substring(at);
        if (size.equals("NaN")) return NaN;
        if (size.equals("Infinity")) return negative ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
        // As JSON has numbers: digits on both sides of the point, and an exponent, so it is a double.
        StringBuilder whole = new StringBuilder();
        StringBuilder fraction = new StringBuilder();
        int i = 0;
        for (; i < size.length() && Character.isDigit(size.charAt(i)); i++) {
            if (whole.length() > 0 || size.charAt(i) != '0') whole.append(size.charAt(i));
        }
        boolean digits = i > 0;
        if (i < size.length() && size.charAt(i) == '.') {
            for (i++; i < size.length() && Character.isDigit(size.charAt(i)); i++) {
                fraction.append(size.charAt(i));
                digits = true;
            }
        }
        int exponent = 0;
        if (digits && i < size.length() && (size.charAt(i) == 'e' || size.charAt(i) == 'E')) {
            int from = ++i;
            if (i < size.length() && (size.charAt(i) == '-' || size.charAt(i) == '+')) i++;
            int first = i;
            for (; i < size.length() && Character.isDigit(size.charAt(i)); i++) {
                if (exponent < 100000) exponent = exponent * 10 + size.charAt(i) - '0';
            }
            if (first == i) digits = false;
            if (size.charAt(from) == '-') exponent = -exponent;
        }
        if (i < size.length() && "dDfF".indexOf(size.charAt(i)) >= 0) i++;
        if (!digits || i < size.length()) throw new NumberFormatException("For input string: \"" + text + "\"");
        if (whole.length() == 0) whole.append('0');
        if (fraction.length() == 0) fraction.append('0');
        String json = whole.append('.').append(fraction).append('e').append(exponent).toString();
        double value = Machine.doubleIn(json.text().number());
        return negative ? -value : value;
    }
}
