package phantom.jvm;

/** Arrays of arrays. */
final class Arrays {
    private Arrays() {}

    /** An array with these lengths, one for each of the first dimensions. */
    static Object make(Items lengths, Text descriptor) {
        for (int i = 0; i < lengths.size(); i++) {
            int length = Machine.intOf(lengths.get(i));
            if (length < 0) throw new NegativeArraySizeException(String.valueOf(length));
        }
        return make(lengths, 0, descriptor);
    }

    private static Array make(Items lengths, int level, Text descriptor) {
        int length = Machine.intOf(lengths.get(level));
        if (level == lengths.size() - 1) return one(length, descriptor);
        Array made = new ObjectArray(length, descriptor);
        Text inner = descriptor.substring(1, descriptor.length() - 1);
        for (int i = 0; i < length; i++) made.set(i, make(lengths, level + 1, inner));
        return made;
    }

    private static Array one(int length, Text descriptor) {
        if (descriptor.length() == 2) {
            switch (descriptor.charAt(1)) {
                case 'Z': return new BooleanArray(length);
                case 'C': return new CharArray(length);
                case 'B': return new ByteArray(length);
                case 'S': return new ShortArray(length);
                case 'I': return new IntArray(length);
                case 'J': return new LongArray(length);
                case 'F': return new FloatArray(length);
                case 'D': return new DoubleArray(length);
            }
        }
        return new ObjectArray(length, descriptor);
    }
}
