package phantom.jvm;

/**
 * A text that grows: pieces, each longer than the one behind it, so that adding a byte at a time costs the logarithm of
 * the length and nothing is copied for each byte. Pieces are of one width: bytes, or UTF-16 with the high byte first.
 */
public final class Buffer {
    private final Items pieces = new Items();
    private int count;
    /** Bytes. */
    private int size;
    /** 0: all below 128; 1: bytes; 2: UTF-16. */
    private int coder;

    public int coder() {
        return coder;
    }

    public int length() {
        return coder == 2 ? size >> 1 : size;
    }

    public void clear() {
        count = 0;
        size = 0;
        coder = 0;
    }

    private void push(Text text) {
        int length = text.length();
        if (length == 0) return;
        size += length;
        while (count > 0) {
            Text last = (Text) pieces.get(count - 1);
            if (last.length() > text.length()) break;
            text = last.concat(text);
            count--;
        }
        pieces.set(text, count++);
    }

    public void add(Text text, int textCoder) {
        if (textCoder == 2 && coder != 2) {
            Text wide = widen(text());
            clear();
            coder = 2;
            push(wide);
        } else if (coder == 2 && textCoder != 2) {
            push(widen(text));
            return;
        } else if (textCoder > coder) coder = textCoder;
        push(text);
    }

    public void add(char c) {
        if (coder == 2) {
            push(Bytes.of(c >> 8).concat(Bytes.of(c & 255)));
        } else if (c > 255) {
            add(Bytes.of(c >> 8).concat(Bytes.of(c & 255)), 2);
        } else {
            if (c > 127) coder = 1;
            push(Bytes.of(c));
        }
    }

    /** All of it, in the width `coder` says. */
    public Text text() {
        if (count == 0) return Machine.text("");
        Text all = (Text) pieces.get(count - 1);
        for (int i = count - 2; i >= 0; i--) all = ((Text) pieces.get(i)).concat(all);
        count = 1;
        pieces.set(all, 0);
        return all;
    }

    /** Bytes as UTF-16. */
    private static Text widen(Text text) {
        Buffer wide = new Buffer();
        for (int i = 0; i < text.length(); i++) {
            wide.push(Bytes.of(0));
            wide.push(Bytes.of(text.charAt(i)));
        }
        return wide.text();
    }
}
