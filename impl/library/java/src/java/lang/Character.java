package java.lang;

public final class Character implements Comparable<Character>, java.io.Serializable {
    private final char value;

    public Character(char value) {
        this.value = value;
    }

    public static Character valueOf(char value) {
        return value <= 127 ? Cache.all[value] : new Character(value);
    }

    private static final class Cache {
        static final Character[] all = new Character[128];

        static {
            for (int i = 0; i < 128; i++) all[i] = new Character((char) i);
        }
    }

    public boolean equals(Object other) {
        return other instanceof Character && value == ((Character) other).value;
    }

    public int hashCode() {
        return hashCode(value);
    }

    public static int hashCode(char value) {
        return value;
    }

    public int compareTo(Character other) {
        return value - other.value;
    }

    public String toString() {
        return Character.toString(value);
    }

    public static final char MIN_VALUE = 0;
    public static final char MAX_VALUE = 0xffff;

    public char charValue() {
        return value;
    }

    public static int compare(char a, char b) {
        return a - b;
    }

    public static String toString(char value) {
        return String.valueOf(value);
    }

    public static int digit(char c, int radix) {
        int value = -1;
        if (c >= '0' && c <= '9') value = c - '0';
        else if (c >= 'a' && c <= 'z') value = c - 'a' + 10;
        else if (c >= 'A' && c <= 'Z') value = c - 'A' + 10;
        return value < radix ? value : -1;
    }

    public static char forDigit(int digit, int radix) {
        if (digit < 0 || digit >= radix) return 0;
        return (char) (digit < 10 ? '0' + digit : 'a' + digit - 10);
    }

    public static int getNumericValue(char c) {
        return digit(c, 36);
    }

    public static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Of Latin-1; letters above it are not known. */
    public static boolean isLetter(char c) {
        return isUpperCase(c) || isLowerCase(c);
    }

    public static boolean isAlphabetic(int c) {
        return isLetter((char) c);
    }

    public static boolean isLetterOrDigit(char c) {
        return isLetter(c) || isDigit(c);
    }

    public static boolean isUpperCase(char c) {
        return c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7;
    }

    public static boolean isLowerCase(char c) {
        return c >= 'a' && c <= 'z' || c >= 0xdf && c <= 0xff && c != 0xf7 || c == 0xaa || c == 0xb5 || c == 0xba;
    }

    public static boolean isWhitespace(char c) {
        return c == ' ' || c >= 9 && c <= 13 || c >= 28 && c <= 31;
    }

    public static boolean isSpaceChar(char c) {
        return c == ' ' || c == 0xa0;
    }

    public static char toUpperCase(char c) {
        if (c >= 'a' && c <= 'z') return (char) (c - 32);
        if (c >= 0xe0 && c <= 0xfe && c != 0xf7) return (char) (c - 32);
        return c == 0xff ? 0x178 : c == 0xb5 ? 0x39c : c;
    }

    public static char toLowerCase(char c) {
        return c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7 ? (char) (c + 32) : c;
    }
}
