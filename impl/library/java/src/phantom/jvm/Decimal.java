package phantom.jvm;

/**
 * The decimal that stands for a floating point number, as the documentation of `Double.toString` wants it since Java 19:
 * the shortest, but of two digits at least. 0.d1d2d3... times ten to the exponent.
 */
public final class Decimal {
    public final boolean negative;
    /** `nan` or `inf` where it is no number; then there are no digits. */
    public final boolean isNan;
    public final boolean isInfinite;
    /** Digits without zeros in front and behind; none for 0. */
    public String digits;
    public int exponent;

    private Decimal(Text text) {
        int at = 0;
        negative = text.charAt(0) == '-';
        if (negative) at++;
        isNan = text.charAt(at) == 'n';
        isInfinite = text.charAt(at) == 'i';
        StringBuilder all = new StringBuilder();
        int point = -1;
        int power = 0;
        for (; !isNan && !isInfinite && at < text.length(); at++) {
            int c = text.charAt(at);
            if (c == '.') point = all.length();
            else if (c == 'e') {
                power = Integer.parseInt(String.of(text.substring(at + 1, text.length())));
                break;
            } else all.append((char) c);
        }
        if (point < 0) point = all.length();
        int from = 0;
        int to = all.length();
        while (from < to && all.charAt(from) == '0') from++;
        while (to > from && all.charAt(to - 1) == '0') to--;
        digits = all.substring(from, to);
        exponent = from == to ? 1 : point - from + power;
    }

    public static Decimal of(double value) {
        Decimal found = new Decimal(Machine.textOf(value));
        // 2^-1074 is 4.9406564584e-324.
        if (found.digits.length() == 1) found.nearest((int) Machine.bits(value) & 0x7fffffff, -323, found.exponent < -320);
        return found;
    }

    public static Decimal of(float value) {
        Decimal found = new Decimal(Machine.textOf(value));
        // 2^-149 is 1.4012984643e-45.
        if (found.digits.length() == 1) found.nearest(Machine.bits(value) & 0x7fffffff, -44, found.exponent < -41);
        return found;
    }

    /** Two digits where one would do: of the smallest numbers, so many times the least one, that one is far off. */
    private void nearest(int times, int least, boolean tiny) {
        if (!tiny) return;
        String all = String.valueOf(times * (least == -44 ? 14012984643L : 49406564584L));
        int rounded = (int) ((Long.parseLong(all.substring(0, 3)) + 5) / 10);
        digits = String.valueOf(rounded);
        exponent = least + all.length() - 11 + digits.length() - 2;
        if (digits.endsWith("0")) digits = digits.replace("0", "");
    }

    /** As `Double.toString` says it: with a point, and with `E` below 0.001 and from ten million on. */
    public String toString() {
        if (isNan) return "NaN";
        if (isInfinite) return negative ? "-Infinity" : "Infinity";
        StringBuilder out = new StringBuilder();
        if (negative) out.append('-');
        if (digits.length() == 0) return out.append("0.0").toString();
        if (exponent > 7 || exponent < -2) {
            out.append(digits.charAt(0)).append('.');
            if (digits.length() > 1) out.append(digits, 1, digits.length());
            else out.append('0');
            return out.append('E').append(exponent - 1).toString();
        }
        positional(out, 1);
        return out.toString();
    }

    /** With at least so many digits behind the point. */
    private void positional(StringBuilder out, int fraction) {
        int length = digits.length();
        if (exponent <= 0) out.append('0');
        for (int i = 0; i < exponent; i++) out.append(i < length ? digits.charAt(i) : '0');
        if (fraction > 0) out.append('.');
        int behind = 0;
        for (int i = exponent; i < 0 && i < length; i++) {
            out.append('0');
            behind++;
        }
        for (int i = exponent < 0 ? 0 : exponent; i < length; i++) {
            out.append(digits.charAt(i));
            behind++;
        }
        for (; behind < fraction; behind++) out.append('0');
    }

    /** Rounds to so many digits; a half goes up. */
    private void round(int keep) {
        if (keep >= digits.length()) return;
        if (keep < 0) {
            digits = "";
            return;
        }
        boolean up = digits.charAt(keep) >= '5';
        StringBuilder kept = new StringBuilder(digits.substring(0, keep));
        int at = keep - 1;
        while (up && at >= 0 && kept.charAt(at) == '9') at--;
        kept.setLength(at + 1);
        if (up && at < 0) {
            digits = "1";
            exponent++;
            return;
        }
        if (up) kept.setCharAt(at, (char) (kept.charAt(at) + 1));
        int to = kept.length();
        while (to > 0 && kept.charAt(to - 1) == '0') to--;
        digits = kept.substring(0, to);
    }

    /** As `%.Nf` says its size. */
    public String fixed(int fraction) {
        StringBuilder out = new StringBuilder();
        round(exponent + fraction);
        if (digits.length() == 0) {
            exponent = 0;
            digits = "";
        }
        positional(out, fraction);
        if (digits.length() == 0) {
            out.setLength(0);
            out.append('0');
            if (fraction > 0) out.append('.');
            for (int i = 0; i < fraction; i++) out.append('0');
        }
        return out.toString();
    }

    /** As `%.Ne` says its size. */
    public String scientific(int fraction) {
        boolean zero = digits.length() == 0;
        round(fraction + 1);
        StringBuilder out = new StringBuilder();
        out.append(zero ? '0' : digits.charAt(0));
        if (fraction > 0) out.append('.');
        for (int i = 1; i <= fraction; i++) out.append(i < digits.length() ? digits.charAt(i) : '0');
        int power = zero ? 0 : exponent - 1;
        out.append(power < 0 ? "e-" : "e+");
        if (power < 0) power = -power;
        if (power < 10) out.append('0');
        return out.append(power).toString();
    }
}
