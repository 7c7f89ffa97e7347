package java.util;

/** The linear congruential generator that the documentation of this class lays down. */
public class Random implements java.io.Serializable {
    private static final long FACTOR = 0x5DEECE66DL;
    private static long next = 8682522807148012L;
    private long seed;

    /** Always the same sequence of generators: there is no chance in this machine. */
    public Random() {
        this(next *= 1181783497276652981L);
    }

    public Random(long seed) {
        setSeed(seed);
    }

    public synchronized void setSeed(long value) {
        seed = (value ^ FACTOR) & (1L << 48) - 1;
    }

    protected synchronized int next(int bits) {
        seed = seed * FACTOR + 0xBL & (1L << 48) - 1;
        return (int) (seed >>> 48 - bits);
    }

    public int nextInt() {
        return next(32);
    }

    public int nextInt(int bound) {
        if (bound <= 0) throw new IllegalArgumentException("bound must be positive");
        if ((bound & -bound) == bound) return (int) (bound * (long) next(31) >> 31);
        int bits = next(31);
        int value = bits % bound;
        while (bits - value + (bound - 1) < 0) {
            bits = next(31);
            value = bits % bound;
        }
        return value;
    }

    public long nextLong() {
        return ((long) next(32) << 32) + next(32);
    }

    public boolean nextBoolean() {
        return next(1) != 0;
    }

    public float nextFloat() {
        return next(24) / (float) (1 << 24);
    }

    public double nextDouble() {
        return (((long) next(26) << 27) + next(27)) * (1.0 / (1L << 53));
    }

    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length;) {
            int bits = nextInt();
            for (int k = 0; k < 4 && i < bytes.length; k++) {
                bytes[i++] = (byte) bits;
                bits >>= 8;
            }
        }
    }
}
