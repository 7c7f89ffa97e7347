package java.util;

public final class StringJoiner {
    private final String between;
    private final String before;
    private final String behind;
    private StringBuilder text;

    public StringJoiner(CharSequence between) {
        this(between, "", "");
    }

    public StringJoiner(CharSequence between, CharSequence before, CharSequence behind) {
        this.between = between.toString();
        this.before = before.toString();
        this.behind = behind.toString();
    }

    public StringJoiner add(CharSequence part) {
        if (text == null) text = new StringBuilder();
        else text.append(between);
        text.append(part);
        return this;
    }

    public int length() {
        return toString().length();
    }

    public String toString() {
        return before + (text == null ? "" : text.toString()) + behind;
    }
}
