package java.lang;

import phantom.jvm.Buffer;
import phantom.jvm.Machine;
import phantom.jvm.Text;

public final class StringBuilder implements CharSequence, java.io.Serializable {
    private final Buffer buffer = new Buffer();

    public StringBuilder() {}

    public StringBuilder(int capacity) {
        if (capacity < 0) throw new NegativeArraySizeException(String.valueOf(capacity));
    }

    public StringBuilder(String text) {
        append(text);
    }

    public StringBuilder(CharSequence text) {
        append(text);
    }

    public StringBuilder append(String text) {
        String added = text == null ? "null" : text;
        buffer.add(added.text(), added.coder());
        return this;
    }

    public StringBuilder append(Object object) {
        return append(String.valueOf(object));
    }

    public StringBuilder append(CharSequence text) {
        return append(text == null ? "null" : text.toString());
    }

    public StringBuilder append(CharSequence text, int from, int to) {
        return append(text.subSequence(from, to));
    }

    public StringBuilder append(char[] chars) {
        for (int i = 0; i < chars.length; i++) buffer.add(chars[i]);
        return this;
    }

    public StringBuilder append(boolean value) {
        return append(value ? "true" : "false");
    }

    public StringBuilder append(char c) {
        buffer.add(c);
        return this;
    }

    public StringBuilder append(int value) {
        buffer.add(Machine.textOf(value), 0);
        return this;
    }

    public StringBuilder append(long value) {
        buffer.add(Machine.textOf(value), 0);
        return this;
    }

    public StringBuilder append(float value) {
        return append(Float.toString(value));
    }

    public StringBuilder append(double value) {
        return append(Double.toString(value));
    }

    private StringBuilder become(String text) {
        buffer.clear();
        return append(text);
    }

    public StringBuilder insert(int at, String text) {
        String all = toString();
        return become(all.substring(0, at) + text + all.substring(at));
    }

    public StringBuilder insert(int at, char c) {
        return insert(at, String.valueOf(c));
    }

    public StringBuilder insert(int at, int value) {
        return insert(at, String.valueOf(value));
    }

    public StringBuilder insert(int at, long value) {
        return insert(at, String.valueOf(value));
    }

    public StringBuilder insert(int at, Object value) {
        return insert(at, String.valueOf(value));
    }

    public StringBuilder delete(int from, int to) {
        String all = toString();
        if (to > all.length()) to = all.length();
        return become(all.substring(0, from) + all.substring(to));
    }

    public StringBuilder deleteCharAt(int at) {
        check(at);
        return delete(at, at + 1);
    }

    public StringBuilder replace(int from, int to, String text) {
        String all = toString();
        if (to > all.length()) to = all.length();
        return become(all.substring(0, from) + text + all.substring(to));
    }

    public StringBuilder reverse() {
        String all = toString();
        buffer.clear();
        for (int i = all.length() - 1; i >= 0; i--) {
            char c = all.charAt(i);
            char high = i > 0 ? all.charAt(i - 1) : 0;
            if (c >= 0xdc00 && c < 0xe000 && high >= 0xd800 && high < 0xdc00) {
                buffer.add(high);
                i--;
            }
            buffer.add(c);
        }
        return this;
    }

    private void check(int at) {
        if (at < 0 || at >= length()) {
            throw new StringIndexOutOfBoundsException("index " + at + ",length " + length());
        }
    }

    public void setCharAt(int at, char c) {
        check(at);
        String all = toString();
        become(all.substring(0, at)).append(c).append(all.substring(at + 1));
    }

    public void setLength(int length) {
        String all = toString();
        if (length <= all.length()) become(all.substring(0, length));
        else for (int i = all.length(); i < length; i++) buffer.add((char) 0);
    }

    public int length() {
        return buffer.length();
    }

    public char charAt(int at) {
        check(at);
        Text text = buffer.text();
        if (buffer.coder() != 2) return (char) text.charAt(at);
        return (char) (text.charAt(at * 2) << 8 | text.charAt(at * 2 + 1));
    }

    public int indexOf(String part) {
        return toString().indexOf(part);
    }

    public int indexOf(String part, int from) {
        return toString().indexOf(part, from);
    }

    public int lastIndexOf(String part) {
        return toString().lastIndexOf(part);
    }

    public String substring(int from) {
        return toString().substring(from);
    }

    public String substring(int from, int to) {
        return toString().substring(from, to);
    }

    public CharSequence subSequence(int from, int to) {
        return substring(from, to);
    }

    public void ensureCapacity(int capacity) {}

    public String toString() {
        return String.made(buffer);
    }
}
