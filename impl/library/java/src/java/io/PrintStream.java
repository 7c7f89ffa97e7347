package java.io;

import java.util.Formatter;
import phantom.jvm.Console;

/** The console: out and err are one. */
public class PrintStream {
    public PrintStream() {}

    public void print(String text) {
        Console.print((text == null ? "null" : text).phantom$utf8());
    }

    private void line(String text) {
        print(text + "\n");
    }

    public void print(Object value) {
        print(String.valueOf(value));
    }

    public void print(char[] value) {
        print(String.valueOf(value));
    }

    public void print(boolean value) {
        print(String.valueOf(value));
    }

    public void print(char value) {
        print(String.valueOf(value));
    }

    public void print(int value) {
        print(String.valueOf(value));
    }

    public void print(long value) {
        print(String.valueOf(value));
    }

    public void print(float value) {
        print(String.valueOf(value));
    }

    public void print(double value) {
        print(String.valueOf(value));
    }

    public void println() {
        print("\n");
    }

    public void println(String value) {
        line(value);
    }

    public void println(Object value) {
        line(String.valueOf(value));
    }

    public void println(char[] value) {
        line(String.valueOf(value));
    }

    public void println(boolean value) {
        line(String.valueOf(value));
    }

    public void println(char value) {
        line(String.valueOf(value));
    }

    public void println(int value) {
        line(String.valueOf(value));
    }

    public void println(long value) {
        line(String.valueOf(value));
    }

    public void println(float value) {
        line(String.valueOf(value));
    }

    public void println(double value) {
        line(String.valueOf(value));
    }

    public PrintStream printf(String pattern, Object... words) {
        print(Formatter.text(pattern, words));
        return this;
    }

    public PrintStream format(String pattern, Object... words) {
        return printf(pattern, words);
    }

    public void flush() {}
}
