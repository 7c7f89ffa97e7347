package java.util;

import phantom.jvm.Decimal;

/** Text by a pattern: `%[index$][flags][width][.precision]` and b, c, d, e, f, h, n, o, s, S, x, X or %. */
public final class Formatter {
    private Formatter() {}

    public static String text(String pattern, Object[] words) {
        StringBuilder out = new StringBuilder();
        int length = pattern.length();
        int next = 0;
        int i = 0;
        while (i < length) {
            int percent = pattern.indexOf('%', i);
            if (percent < 0) percent = length;
            out.append(pattern.substring(i, percent));
            i = percent + 1;
            if (percent == length) break;
            int start = percent;
            int index = -1;
            int end = i;
            while (end < length && Character.isDigit(pattern.charAt(end))) end++;
            if (end > i && end < length && pattern.charAt(end) == '$') {
                index = Integer.parseInt(pattern.substring(i, end)) - 1;
                i = end + 1;
            }
            String flags = "";
            while (i < length && "-+ 0,(#".indexOf(pattern.charAt(i)) >= 0) flags += pattern.charAt(i++);
            int width = 0;
            while (i < length && Character.isDigit(pattern.charAt(i))) width = width * 10 + pattern.charAt(i++) - '0';
            int precision = -1;
            if (i < length && pattern.charAt(i) == '.') {
                precision = 0;
                i++;
                while (i < length && Character.isDigit(pattern.charAt(i))) {
                    precision = precision * 10 + pattern.charAt(i++) - '0';
                }
            }
            if (i >= length) throw new IllegalArgumentException("UnknownFormatConversionException: Conversion = '%'");
            char kind = pattern.charAt(i++);
            if (kind == 'n') {
                out.append("\n");
                continue;
            }
            if (kind == '%') {
                out.append(padded("%", flags, width));
                continue;
            }
            if (index < 0) index = next++;
            if (index >= words.length) {
                throw new IllegalArgumentException("Format specifier '" + pattern.substring(start, i) + "'");
            }
            out.append(one(words[index], kind, flags, width, precision));
        }
        return out.toString();
    }

    private static String one(Object word, char kind, String flags, int width, int precision) {
        switch (kind) {
            case 's':
            case 'S': {
                String text = String.valueOf(word);
                if (precision >= 0 && precision < text.length()) text = text.substring(0, precision);
                return padded(kind == 'S' ? text.toUpperCase() : text, flags, width);
            }
            case 'b':
                return padded(word instanceof Boolean ? word.toString() : String.valueOf(word != null), flags, width);
            case 'c':
                return padded(word instanceof Integer ? String.valueOf((char) ((Integer) word).intValue()) : String.valueOf(word), flags, width);
            case 'h':
                return padded(word == null ? "null" : Integer.toHexString(word.hashCode()), flags, width);
            case 'd':
                if (word == null) return padded("null", flags, width);
                if (!(word instanceof Integer || word instanceof Long || word instanceof Short || word instanceof Byte)) {
                    throw wrong(kind, word);
                }
                return number(String.valueOf(word), flags, width);
            case 'x':
            case 'X':
            case 'o': {
                if (word == null) return padded("null", flags, width);
                long bits;
                if (word instanceof Long) bits = (Long) word;
                else if (word instanceof Integer) bits = (Integer) word & 0xffffffffL;
                else if (word instanceof Short) bits = (Short) word & 0xffff;
                else if (word instanceof Byte) bits = (Byte) word & 0xff;
                else throw wrong(kind, word);
                String text = kind == 'o' ? Long.toOctalString(bits) : Long.toHexString(bits);
                if (flags.indexOf('#') >= 0) text = (kind == 'o' ? "0" : "0x") + text;
                if (flags.indexOf('0') >= 0) while (text.length() < width) text = "0" + text;
                return padded(kind == 'X' ? text.toUpperCase() : text, flags, width);
            }
            case 'f':
            case 'e':
            case 'E': {
                if (word == null) return padded("null", flags, width);
                Decimal value;
                if (word instanceof Double) value = Decimal.of((Double) word);
                else if (word instanceof Float) value = Decimal.of((Float) word);
                else throw wrong(kind, word);
                if (value.isNan || value.isInfinite) {
                    String name = value.isNan ? "NaN" : value.negative ? "-Infinity" : flags.indexOf('+') >= 0 ? "+Infinity" : "Infinity";
                    return padded(name, flags.replace("0", ""), width);
                }
                int digits = precision < 0 ? 6 : precision;
                String size = kind == 'f' ? value.fixed(digits) : value.scientific(digits);
                return number((value.negative ? "-" : "") + (kind == 'E' ? size.toUpperCase() : size), flags, width);
            }
            default:
                throw new IllegalArgumentException("UnknownFormatConversionException: Conversion = '" + kind + "'");
        }
    }

    private static IllegalArgumentException wrong(char kind, Object word) {
        return new IllegalArgumentException("IllegalFormatConversionException: " + kind + " != " + word.getClass().getName());
    }

    /** Signs, zeros and commas. */
    private static String number(String text, String flags, int width) {
        boolean negative = text.charAt(0) == '-';
        String digits = negative ? text.substring(1) : text;
        if (flags.indexOf(',') >= 0) {
            int end = digits.indexOf('.');
            if (end < 0) end = digits.length();
            StringBuilder grouped = new StringBuilder();
            for (int i = 0; i < end; i++) {
                if (i > 0 && (end - i) % 3 == 0) grouped.append(',');
                grouped.append(digits.charAt(i));
            }
            digits = grouped.append(digits.substring(end)).toString();
        }
        String before = negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
        String behind = "";
        if (negative && flags.indexOf('(') >= 0) {
            before = "(";
            behind = ")";
        }
        if (flags.indexOf('0') >= 0) {
            while (before.length() + digits.length() + behind.length() < width) digits = "0" + digits;
        }
        return padded(before + digits + behind, flags, width);
    }

    private static String padded(String text, String flags, int width) {
        if (text.length() >= width) return text;
        StringBuilder out = new StringBuilder();
        boolean left = flags.indexOf('-') >= 0;
        if (left) out.append(text);
        for (int i = text.length(); i < width; i++) out.append(' ');
        if (!left) out.append(text);
        return out.toString();
    }
}
