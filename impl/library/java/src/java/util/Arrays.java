package java.util;

public final class Arrays {
    private Arrays() {}

    private static void check(int length, int from, int to) {
        if (from > to) throw new IllegalArgumentException("fromIndex(" + from + ") > toIndex(" + to + ")");
        if (from < 0) throw new ArrayIndexOutOfBoundsException("Array index out of range: " + from);
        if (to > length) throw new ArrayIndexOutOfBoundsException("Array index out of range: " + to);
    }

    public static String toString(int[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(int[] array, int value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(int[] array, int from, int to, int value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(int[] a, int[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(int[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Integer.hashCode(array[i]);
        return hash;
    }

    public static int[] copyOf(int[] array, int length) {
        int[] copy = new int[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static int[] copyOfRange(int[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        int[] copy = new int[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(int[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(int[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            int top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(int[] array, int from, int at, int length) {
        int value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && array[from + child] < array[from + child + 1]) child++;
            if (!(value < array[from + child])) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(int[] array, int key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (array[middle] < key) low = middle + 1;
            else if (key < array[middle]) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(long[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(long[] array, long value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(long[] array, int from, int to, long value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(long[] a, long[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(long[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Long.hashCode(array[i]);
        return hash;
    }

    public static long[] copyOf(long[] array, int length) {
        long[] copy = new long[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static long[] copyOfRange(long[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        long[] copy = new long[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(long[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(long[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            long top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(long[] array, int from, int at, int length) {
        long value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && array[from + child] < array[from + child + 1]) child++;
            if (!(value < array[from + child])) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(long[] array, long key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (array[middle] < key) low = middle + 1;
            else if (key < array[middle]) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(double[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(double[] array, double value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(double[] array, int from, int to, double value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(double[] a, double[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (Double.compare(a[i], b[i]) != 0) return false;
        return true;
    }

    public static int hashCode(double[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Double.hashCode(array[i]);
        return hash;
    }

    public static double[] copyOf(double[] array, int length) {
        double[] copy = new double[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static double[] copyOfRange(double[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        double[] copy = new double[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(double[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(double[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            double top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(double[] array, int from, int at, int length) {
        double value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && Double.compare(array[from + child], array[from + child + 1]) < 0) child++;
            if (!(Double.compare(value, array[from + child]) < 0)) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(double[] array, double key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (Double.compare(array[middle], key) < 0) low = middle + 1;
            else if (Double.compare(key, array[middle]) < 0) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(float[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(float[] array, float value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(float[] array, int from, int to, float value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(float[] a, float[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (Float.compare(a[i], b[i]) != 0) return false;
        return true;
    }

    public static int hashCode(float[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Float.hashCode(array[i]);
        return hash;
    }

    public static float[] copyOf(float[] array, int length) {
        float[] copy = new float[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static float[] copyOfRange(float[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        float[] copy = new float[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(float[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(float[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            float top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(float[] array, int from, int at, int length) {
        float value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && Float.compare(array[from + child], array[from + child + 1]) < 0) child++;
            if (!(Float.compare(value, array[from + child]) < 0)) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(float[] array, float key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (Float.compare(array[middle], key) < 0) low = middle + 1;
            else if (Float.compare(key, array[middle]) < 0) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(char[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(char[] array, char value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(char[] array, int from, int to, char value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(char[] a, char[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(char[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Character.hashCode(array[i]);
        return hash;
    }

    public static char[] copyOf(char[] array, int length) {
        char[] copy = new char[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static char[] copyOfRange(char[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        char[] copy = new char[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(char[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(char[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            char top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(char[] array, int from, int at, int length) {
        char value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && array[from + child] < array[from + child + 1]) child++;
            if (!(value < array[from + child])) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(char[] array, char key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (array[middle] < key) low = middle + 1;
            else if (key < array[middle]) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(byte[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(byte[] array, byte value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(byte[] array, int from, int to, byte value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(byte[] a, byte[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(byte[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Byte.hashCode(array[i]);
        return hash;
    }

    public static byte[] copyOf(byte[] array, int length) {
        byte[] copy = new byte[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static byte[] copyOfRange(byte[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        byte[] copy = new byte[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(byte[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(byte[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            byte top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(byte[] array, int from, int at, int length) {
        byte value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && array[from + child] < array[from + child + 1]) child++;
            if (!(value < array[from + child])) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(byte[] array, byte key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (array[middle] < key) low = middle + 1;
            else if (key < array[middle]) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(short[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(short[] array, short value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(short[] array, int from, int to, short value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(short[] a, short[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(short[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Short.hashCode(array[i]);
        return hash;
    }

    public static short[] copyOf(short[] array, int length) {
        short[] copy = new short[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static short[] copyOfRange(short[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        short[] copy = new short[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(short[] array) {
        sort(array, 0, array.length);
    }

    /** Heap sort: in place, and no array is slow. */
    public static void sort(short[] array, int from, int to) {
        check(array.length, from, to);
        int length = to - from;
        for (int i = length / 2 - 1; i >= 0; i--) down(array, from, i, length);
        for (int end = length - 1; end > 0; end--) {
            short top = array[from];
            array[from] = array[from + end];
            array[from + end] = top;
            down(array, from, 0, end);
        }
    }

    private static void down(short[] array, int from, int at, int length) {
        short value = array[from + at];
        for (int child = 2 * at + 1; child < length; child = 2 * at + 1) {
            if (child + 1 < length && array[from + child] < array[from + child + 1]) child++;
            if (!(value < array[from + child])) break;
            array[from + at] = array[from + child];
            at = child;
        }
        array[from + at] = value;
    }

    public static int binarySearch(short[] array, short key) {
        int low = 0;
        int high = array.length - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (array[middle] < key) low = middle + 1;
            else if (key < array[middle]) high = middle - 1;
            else return middle;
        }
        return -(low + 1);
    }

    public static String toString(boolean[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(boolean[] array, boolean value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(boolean[] array, int from, int to, boolean value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(boolean[] a, boolean[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (a[i] != b[i]) return false;
        return true;
    }

    public static int hashCode(boolean[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Boolean.hashCode(array[i]);
        return hash;
    }

    public static boolean[] copyOf(boolean[] array, int length) {
        boolean[] copy = new boolean[length];
        System.arraycopy(array, 0, copy, 0, Math.min(length, array.length));
        return copy;
    }

    public static boolean[] copyOfRange(boolean[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        boolean[] copy = new boolean[to - from];
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static String toString(Object[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            out.append(array[i]);
        }
        return out.append(']').toString();
    }

    public static void fill(Object[] array, Object value) {
        for (int i = 0; i < array.length; i++) array[i] = value;
    }

    public static void fill(Object[] array, int from, int to, Object value) {
        check(array.length, from, to);
        for (int i = from; i < to; i++) array[i] = value;
    }

    public static boolean equals(Object[] a, Object[] b) {
        if (a == b) return true;
        if (a == null || b == null || a.length != b.length) return false;
        for (int i = 0; i < a.length; i++) if (!Objects.equals(a[i], b[i])) return false;
        return true;
    }

    public static int hashCode(Object[] array) {
        if (array == null) return 0;
        int hash = 1;
        for (int i = 0; i < array.length; i++) hash = 31 * hash + Objects.hashCode(array[i]);
        return hash;
    }

    @SuppressWarnings("unchecked")
    public static <T> T[] copyOf(T[] array, int length) {
        return copyOfRange(array, 0, length);
    }

    /** An array of the same type. */
    @SuppressWarnings("unchecked")
    public static <T> T[] copyOfRange(T[] array, int from, int to) {
        if (from > to) throw new IllegalArgumentException(from + " > " + to);
        T[] copy = (T[]) phantom.jvm.Array.like(array, to - from);
        System.arraycopy(array, from, copy, 0, Math.min(to, array.length) - from);
        return copy;
    }

    public static void sort(Object[] array) {
        sort(array, 0, array.length, null);
    }

    public static <T> void sort(T[] array, Comparator<? super T> order) {
        sort(array, 0, array.length, order);
    }

    @SuppressWarnings("unchecked")
    public static <T> void sort(T[] array, int from, int to, Comparator<? super T> order) {
        check(array.length, from, to);
        Object[] other = new Object[to - from];
        merge(array, from, to, other, (Comparator<Object>) (Object) order);
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object a, Object b, Comparator<Object> order) {
        return order != null ? order.compare(a, b) : ((Comparable<Object>) a).compareTo(b);
    }

    /** Stable: of equal ones the first stays first. */
    private static void merge(Object[] array, int from, int to, Object[] other, Comparator<Object> order) {
        if (to - from < 2) {
            return;
        }
        if (to - from <= 6) {
            for (int i = from + 1; i < to; i++) {
                Object one = array[i];
                int k = i;
                for (; k > from && compare(array[k - 1], one, order) > 0; k--) array[k] = array[k - 1];
                array[k] = one;
            }
            return;
        }
        int middle = from + to >>> 1;
        merge(array, from, middle, other, order);
        merge(array, middle, to, other, order);
        int left = middle - from;
        for (int i = 0; i < left; i++) other[i] = array[from + i];
        int a = 0;
        int b = middle;
        for (int i = from; a < left; i++) {
            if (b < to && compare(other[a], array[b], order) > 0) array[i] = array[b++];
            else array[i] = other[a++];
        }
    }

    public static <T> List<T> asList(T... array) {
        return new Fixed<T>(array);
    }

    public static String deepToString(Object[] array) {
        if (array == null) return "null";
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < array.length; i++) {
            if (i > 0) out.append(", ");
            Object one = array[i];
            if (one instanceof Object[]) out.append(deepToString((Object[]) one));
            else if (one instanceof int[]) out.append(toString((int[]) one));
            else if (one instanceof long[]) out.append(toString((long[]) one));
            else if (one instanceof double[]) out.append(toString((double[]) one));
            else if (one instanceof float[]) out.append(toString((float[]) one));
            else if (one instanceof char[]) out.append(toString((char[]) one));
            else if (one instanceof byte[]) out.append(toString((byte[]) one));
            else if (one instanceof short[]) out.append(toString((short[]) one));
            else if (one instanceof boolean[]) out.append(toString((boolean[]) one));
            else out.append(one);
        }
        return out.append(']').toString();
    }

    /** An array as a list. */
    private static final class Fixed<T> extends AbstractList<T> implements RandomAccess {
        private final T[] array;

        Fixed(T[] array) {
            this.array = array;
        }

        public int size() {
            return array.length;
        }

        public T get(int index) {
            return array[index];
        }

        public T set(int index, T element) {
            T old = array[index];
            array[index] = element;
            return old;
        }
    }
}
