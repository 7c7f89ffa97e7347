package java.lang;

import phantom.jvm.Machine;

/** Exact where Java's is: no function here rounds otherwise than `StrictMath`; those that would are not there. */
public final class Math {
    public static final double PI = 3.141592653589793;
    public static final double E = 2.718281828459045;
    private static final java.util.Random chance = new java.util.Random(0x5DEECE66DL);

    private Math() {}

    public static int abs(int a) {
        return a < 0 ? -a : a;
    }

    public static int max(int a, int b) {
        return a >= b ? a : b;
    }

    public static int min(int a, int b) {
        return a <= b ? a : b;
    }

    public static int floorDiv(int a, int b) {
        int quotient = a / b;
        return (a ^ b) < 0 && quotient * b != a ? quotient - 1 : quotient;
    }

    public static int floorMod(int a, int b) {
        int rest = a % b;
        return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
    }

    public static int addExact(int a, int b) {
        int sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) throw new ArithmeticException("integer overflow");
        return sum;
    }

    public static int subtractExact(int a, int b) {
        int difference = a - b;
        if (((a ^ b) & (a ^ difference)) < 0) throw new ArithmeticException("integer overflow");
        return difference;
    }

    public static int multiplyExact(int a, int b) {
        int product = a * b;
        if (a != 0 && (product / a != b || a == -1 && b == Integer.MIN_VALUE)) {
            throw new ArithmeticException("integer overflow");
        }
        return product;
    }

    public static int negateExact(int a) {
        if (a == Integer.MIN_VALUE) throw new ArithmeticException("integer overflow");
        return -a;
    }

    public static long abs(long a) {
        return a < 0 ? -a : a;
    }

    public static long max(long a, long b) {
        return a >= b ? a : b;
    }

    public static long min(long a, long b) {
        return a <= b ? a : b;
    }

    public static long floorDiv(long a, long b) {
        long quotient = a / b;
        return (a ^ b) < 0 && quotient * b != a ? quotient - 1 : quotient;
    }

    public static long floorMod(long a, long b) {
        long rest = a % b;
        return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
    }

    public static long addExact(long a, long b) {
        long sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) throw new ArithmeticException("long overflow");
        return sum;
    }

    public static long subtractExact(long a, long b) {
        long difference = a - b;
        if (((a ^ b) & (a ^ difference)) < 0) throw new ArithmeticException("long overflow");
        return difference;
    }

    public static long multiplyExact(long a, long b) {
        long product = a * b;
        if (a != 0 && (product / a != b || a == -1 && b == Long.MIN_VALUE)) {
            throw new ArithmeticException("long overflow");
        }
        return product;
    }

    public static long negateExact(long a) {
        if (a == Long.MIN_VALUE) throw new ArithmeticException("long overflow");
        return -a;
    }

    public static float abs(float a) {
        return a <= 0 ? 0 - a : a;
    }

    public static float max(float a, float b) {
        if (a != a) return a;
        if (a == 0 && b == 0) return Machine.bits(a) < 0 ? b : a;
        return a >= b ? a : b;
    }

    public static float min(float a, float b) {
        if (a != a) return a;
        if (a == 0 && b == 0) return Machine.bits(a) < 0 ? a : b;
        return a <= b ? a : b;
    }

    public static float signum(float a) {
        return a > 0 ? 1 : a < 0 ? -1 : a;
    }

    public static double abs(double a) {
        return a <= 0 ? 0 - a : a;
    }

    public static double max(double a, double b) {
        if (a != a) return a;
        if (a == 0 && b == 0) return Machine.bits(a) < 0 ? b : a;
        return a >= b ? a : b;
    }

    public static double min(double a, double b) {
        if (a != a) return a;
        if (a == 0 && b == 0) return Machine.bits(a) < 0 ? a : b;
        return a <= b ? a : b;
    }

    public static double signum(double a) {
        return a > 0 ? 1 : a < 0 ? -1 : a;
    }

    public static int toIntExact(long a) {
        if ((int) a != a) throw new ArithmeticException("integer overflow");
        return (int) a;
    }

    public static double floor(double a) {
        if (a - a != 0 || abs(a) >= 4503599627370496.0 || a == 0) return a;
        double whole = (long) a;
        if (whole > a) whole -= 1;
        return whole == 0 && a < 0 ? -0.0 : whole;
    }

    public static double ceil(double a) {
        return -floor(-a);
    }

    /** To the nearest, of two to the even one. */
    public static double rint(double a) {
        if (a - a != 0 || abs(a) >= 4503599627370496.0) return a;
        double sign = Machine.bits(a) < 0 ? -1 : 1;
        return (abs(a) + 4503599627370496.0 - 4503599627370496.0) * sign;
    }

    public static long round(double a) {
        if (abs(a) >= 4503599627370496.0 || a != a) return (long) a;
        double whole = floor(a);
        return (long) (a - whole >= 0.5 ? whole + 1 : whole);
    }

    public static int round(float a) {
        if (a != a) return 0;
        return (int) max(min(round((double) a), Integer.MAX_VALUE), Integer.MIN_VALUE);
    }

    /** Rounded as IEEE 754 wants it: the root of the significand bit by bit, and a bit to round by. */
    public static double sqrt(double a) {
        if (a != a || a == 0 || a - a != 0 && a > 0) return a;
        if (a < 0) return 0.0 / (a - a);
        long bits = Machine.bits(a);
        int exponent = (int) (bits >>> 52);
        long significand = bits & (1L << 52) - 1;
        if (exponent == 0) {
            exponent = 1;
            while (significand < 1L << 52) {
                significand <<= 1;
                exponent--;
            }
        } else significand |= 1L << 52;
        int power = exponent - 1075;
        if ((power & 1) != 0) {
            significand <<= 1;
            power--;
        }
        // Of significand * 2^54 the root has 54 bits: 53 and the bit to round by.
        long root = 0;
        long rest = 0;
        for (int i = 0; i < 54; i++) {
            int shift = 52 - 2 * i;
            long pair = shift >= 0 ? significand >>> shift & 3 : 0;
            rest = rest << 2 | pair;
            long trial = root << 2 | 1;
            root <<= 1;
            if (rest >= trial) {
                rest -= trial;
                root |= 1;
            }
        }
        // A root is never just between two doubles.
        root = root + 1 >> 1;
        int scale = (power - 52) / 2;
        return scaled(root, scale);
    }

    private static double scaled(long value, int power) {
        double out = value;
        for (; power > 0; power--) out *= 2;
        for (; power < 0; power++) out /= 2;
        return out;
    }

    /** For whole exponents, exact wherever each product is. */
    public static double pow(double a, double b) {
        if (b == 0) return 1;
        if (b == 0.5 && a >= 0) return sqrt(a);
        if (b != (int) b) throw new UnsupportedOperationException("Math.pow with an exponent that is no whole number");
        int times = abs((int) b);
        double out = 1;
        double factor = a;
        for (; times != 0; times >>>= 1) {
            if ((times & 1) != 0) out *= factor;
            if (times > 1) factor *= factor;
        }
        return b < 0 ? 1 / out : out;
    }

    public static double hypot(double a, double b) {
        return sqrt(a * a + b * b);
    }

    public static double toRadians(double degrees) {
        return degrees * 0.017453292519943295;
    }

    public static double toDegrees(double radians) {
        return radians * 57.29577951308232;
    }

    /** Always the same numbers: there is no chance in this machine. */
    public static double random() {
        return chance.nextDouble();
    }
}
