package java.lang;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Formatter;
import phantom.jvm.Buffer;
import phantom.jvm.Bytes;
import phantom.jvm.Directory;
import phantom.jvm.Items;
import phantom.jvm.Machine;
import phantom.jvm.Text;

/**
 * UTF-16, kept in the machine's string: a byte for each char while all are below 256, else two, high byte first. A string
 * that could be bytes is bytes, so equal strings have equal texts.
 */
public final class String implements CharSequence, Comparable<String>, java.io.Serializable {
    private static final Directory pool = new Directory();
    public static final Comparator<String> CASE_INSENSITIVE_ORDER = new IgnoringCase();

    private final Text text;
    /** 0: all below 128; 1: all below 256; 2: two bytes each. */
    private final int coder;
    private int hash;

    private String(Text text, int coder) {
        this.text = text;
        this.coder = coder;
    }

    public String() {
        this(Machine.text(""), 0);
    }

    public String(String other) {
        this(other.text, other.coder);
    }

    public String(char[] chars) {
        this(chars, 0, chars.length);
    }

    public String(char[] chars, int from, int count) {
        if (from < 0 || count < 0 || from > chars.length - count) {
            throw new StringIndexOutOfBoundsException("offset " + from + ", count " + count + ", length " + chars.length);
        }
        Buffer buffer = new Buffer();
        for (int i = 0; i < count; i++) buffer.add(chars[from + i]);
        text = buffer.text();
        coder = buffer.coder();
    }

    /** A literal: equal ones are one object. */
    static String literal(Text text, int coder) {
        return new String(text, coder).intern();
    }

    /** ASCII of the machine's. */
    public static String of(Text text) {
        return new String(text, 0);
    }

    /** A text of that coder, which is as narrow as it can be. */
    static String made(Buffer buffer) {
        return new String(buffer.text(), buffer.coder());
    }

    Text text() {
        return text;
    }

    int coder() {
        return coder;
    }

    /** In UTF-8, as the console has it; a surrogate without its other half is a question mark. */
    public Text phantom$utf8() {
        if (coder == 0) return text;
        Buffer out = new Buffer();
        int length = length();
        for (int i = 0; i < length; i++) {
            int c = charAt(i);
            if (c >= 0xd800 && c < 0xe000) {
                int low = i + 1 < length ? charAt(i + 1) : 0;
                if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000) {
                    out.add('?');
                    continue;
                }
                c = 0x10000 + ((c - 0xd800) << 10) + low - 0xdc00;
                i++;
                out.add((char) (0xf0 | c >> 18));
                out.add((char) (0x80 | c >> 12 & 63));
                out.add((char) (0x80 | c >> 6 & 63));
                out.add((char) (0x80 | c & 63));
            } else if (c >= 0x800) {
                out.add((char) (0xe0 | c >> 12));
                out.add((char) (0x80 | c >> 6 & 63));
                out.add((char) (0x80 | c & 63));
            } else if (c >= 0x80) {
                out.add((char) (0xc0 | c >> 6));
                out.add((char) (0x80 | c & 63));
            } else out.add((char) c);
        }
        return out.text();
    }

    public String intern() {
        Text key = Bytes.of('0' + (coder == 2 ? 2 : 0)).concat(text);
        phantom.jvm.Initialisation.lockMonitors();
        Object known = pool.get(key);
        if (known == null) pool.put(key, this);
        phantom.jvm.Initialisation.unlockMonitors();
        return known == null ? this : (String) known;
    }

    public int length() {
        return coder == 2 ? text.length() >> 1 : text.length();
    }

    public boolean isEmpty() {
        return text.length() == 0;
    }

    public char charAt(int index) {
        if (index < 0 || index >= length()) {
            throw new StringIndexOutOfBoundsException("String index out of range: " + index);
        }
        if (coder != 2) return (char) text.charAt(index);
        return (char) (text.charAt(index * 2) << 8 | text.charAt(index * 2 + 1));
    }

    public boolean equals(Object other) {
        if (this == other) return true;
        if (!(other instanceof String)) return false;
        String that = (String) other;
        return (coder == 2) == (that.coder == 2) && text.same(that.text);
    }

    public boolean equalsIgnoreCase(String other) {
        return other != null && other.length() == length() && CASE_INSENSITIVE_ORDER.compare(this, other) == 0;
    }

    public int compareToIgnoreCase(String other) {
        return CASE_INSENSITIVE_ORDER.compare(this, other);
    }

    public int hashCode() {
        if (hash == 0) {
            int sum = 0;
            int length = length();
            for (int i = 0; i < length; i++) sum = sum * 31 + charAt(i);
            hash = sum;
        }
        return hash;
    }

    public int compareTo(String other) {
        int length = Math.min(length(), other.length());
        for (int i = 0; i < length; i++) {
            int difference = charAt(i) - other.charAt(i);
            if (difference != 0) return difference;
        }
        return length() - other.length();
    }

    public String substring(int from) {
        return substring(from, length());
    }

    public String substring(int from, int to) {
        int length = length();
        if (from < 0 || to > length || from > to) {
            throw new StringIndexOutOfBoundsException("begin " + from + ", end " + to + ", length " + length);
        }
        if (from == to) return "";
        if (from == 0 && to == length) return this;
        if (coder != 2) return new String(text.substring(from, to - from), coder);
        Buffer buffer = new Buffer();
        for (int i = from; i < to; i++) buffer.add(charAt(i));
        return made(buffer);
    }

    public CharSequence subSequence(int from, int to) {
        return substring(from, to);
    }

    public String concat(String other) {
        return new StringBuilder().append(this).append(other).toString();
    }

    public int indexOf(int c) {
        return indexOf(c, 0);
    }

    public int indexOf(int c, int from) {
        int length = length();
        for (int i = from < 0 ? 0 : from; i < length; i++) if (charAt(i) == c) return i;
        return -1;
    }

    public int indexOf(String part) {
        return indexOf(part, 0);
    }

    public int indexOf(String part, int from) {
        int length = length();
        if (from < 0) from = 0;
        if (part.length() == 0) return from > length ? length : from;
        if (from >= length) return -1;
        if (coder != 2) {
            if (part.coder == 2) return -1;
            int found = (from == 0 ? text : text.substring(from, length - from)).find(part.text);
            return found < 0 ? -1 : found + from;
        }
        for (int i = from; i <= length - part.length(); i++) if (startsWith(part, i)) return i;
        return -1;
    }

    public int lastIndexOf(int c) {
        for (int i = length() - 1; i >= 0; i--) if (charAt(i) == c) return i;
        return -1;
    }

    public int lastIndexOf(String part) {
        for (int i = length() - part.length(); i >= 0; i--) if (startsWith(part, i)) return i;
        return -1;
    }

    public boolean contains(CharSequence part) {
        return indexOf(part.toString()) >= 0;
    }

    public boolean startsWith(String part) {
        return startsWith(part, 0);
    }

    public boolean startsWith(String part, int from) {
        if (from < 0 || from > length() - part.length()) return false;
        for (int i = 0; i < part.length(); i++) if (charAt(from + i) != part.charAt(i)) return false;
        return true;
    }

    public boolean endsWith(String part) {
        return startsWith(part, length() - part.length());
    }

    public String replace(char old, char with) {
        if (indexOf(old) < 0) return this;
        Buffer buffer = new Buffer();
        for (int i = 0; i < length(); i++) buffer.add(charAt(i) == old ? with : charAt(i));
        return made(buffer).narrowed();
    }

    /** As narrow as it can be. */
    private String narrowed() {
        if (coder != 2) return this;
        for (int i = 0; i < text.length(); i += 2) if (text.charAt(i) != 0) return this;
        Buffer buffer = new Buffer();
        for (int i = 1; i < text.length(); i += 2) buffer.add((char) text.charAt(i));
        return made(buffer);
    }

    public String replace(CharSequence old, CharSequence with) {
        String part = old.toString();
        String other = with.toString();
        StringBuilder out = new StringBuilder();
        int at = 0;
        if (part.isEmpty()) {
            for (int i = 0; i < length(); i++) out.append(other).append(charAt(i));
            return out.append(other).toString();
        }
        for (int found = indexOf(part); found >= 0; found = indexOf(part, at)) {
            out.append(substring(at, found)).append(other);
            at = found + part.length();
        }
        return at == 0 ? this : out.append(substring(at)).toString();
    }

    /** Splits at a literal text; of regular expressions there are single characters, `\\s+`, and escaped characters. */
    public String[] split(String at) {
        return split(at, 0);
    }

    public String[] split(String at, int limit) {
        String literal = at;
        boolean blanks = at.equals("\\s+") || at.equals(" +");
        boolean anyBlank = at.equals("\\s+") || at.equals("\\s");
        if (at.length() == 2 && at.charAt(0) == '\\' && !Character.isLetterOrDigit(at.charAt(1))) literal = at.substring(1);
        else if (!blanks && !anyBlank) {
            for (int i = 0; i < at.length(); i++) {
                if ("\\[](){}.*+?^$|".indexOf(at.charAt(i)) >= 0) {
                    throw new UnsupportedOperationException("split by the regular expression " + at);
                }
            }
        }
        ArrayList<String> parts = new ArrayList<String>();
        int from = 0;
        int i = 0;
        int length = length();
        if (length == 0) return new String[] {this};
        while (i < length) {
            int width = 0;
            if (blanks || anyBlank) {
                while (i + width < length && (anyBlank ? Character.isWhitespace(charAt(i + width)) : charAt(i + width) == ' ')) {
                    width++;
                    if (!blanks) break;
                }
            } else if (literal.length() == 0) width = i > from ? -1 : 0;
            else if (startsWith(literal, i)) width = literal.length();
            if (width == 0 || (limit > 0 && parts.size() == limit - 1)) {
                i++;
                continue;
            }
            if (width < 0) {
                parts.add(substring(from, i));
                from = i;
                i++;
                continue;
            }
            parts.add(substring(from, i));
            i += width;
            from = i;
        }
        parts.add(substring(from));
        int size = parts.size();
        if (limit == 0) while (size > 0 && parts.get(size - 1).isEmpty()) size--;
        String[] all = new String[size];
        for (int k = 0; k < size; k++) all[k] = parts.get(k);
        return all;
    }

    public String trim() {
        int from = 0;
        int to = length();
        while (from < to && charAt(from) <= ' ') from++;
        while (to > from && charAt(to - 1) <= ' ') to--;
        return substring(from, to);
    }

    public String toUpperCase() {
        Buffer buffer = new Buffer();
        for (int i = 0; i < length(); i++) buffer.add(Character.toUpperCase(charAt(i)));
        return made(buffer);
    }

    public String toLowerCase() {
        Buffer buffer = new Buffer();
        for (int i = 0; i < length(); i++) buffer.add(Character.toLowerCase(charAt(i)));
        return made(buffer).narrowed();
    }

    public char[] toCharArray() {
        char[] chars = new char[length()];
        for (int i = 0; i < chars.length; i++) chars[i] = charAt(i);
        return chars;
    }

    public String toString() {
        return this;
    }

    public static String valueOf(Object object) {
        return object == null ? "null" : object.toString();
    }

    public static String valueOf(char[] chars) {
        return new String(chars);
    }

    public static String copyValueOf(char[] chars) {
        return new String(chars);
    }

    public static String valueOf(boolean value) {
        return value ? "true" : "false";
    }

    public static String valueOf(char c) {
        return c < 256 ? new String(Bytes.of(c), c < 128 ? 0 : 1) : new StringBuilder().append(c).toString();
    }

    public static String valueOf(int value) {
        return of(Machine.textOf(value));
    }

    public static String valueOf(long value) {
        return of(Machine.textOf(value));
    }

    public static String valueOf(float value) {
        return Float.toString(value);
    }

    public static String valueOf(double value) {
        return Double.toString(value);
    }

    public static String format(String pattern, Object... words) {
        return Formatter.text(pattern, words);
    }

    public static String join(CharSequence between, CharSequence... words) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < words.length; i++) {
            if (i > 0) out.append(between);
            out.append(words[i]);
        }
        return out.toString();
    }

    public static String join(CharSequence between, Iterable<? extends CharSequence> words) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (CharSequence word : words) {
            if (!first) out.append(between);
            first = false;
            out.append(word);
        }
        return out.toString();
    }

    private static final class IgnoringCase implements Comparator<String> {
        public int compare(String a, String b) {
            int length = Math.min(a.length(), b.length());
            for (int i = 0; i < length; i++) {
                int difference = fold(a.charAt(i)) - fold(b.charAt(i));
                if (difference != 0) return difference;
            }
            return a.length() - b.length();
        }

        private static char fold(char c) {
            return Character.toLowerCase(Character.toUpperCase(c));
        }
    }
}
