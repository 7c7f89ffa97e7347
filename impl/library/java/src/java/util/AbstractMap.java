package java.util;

public abstract class AbstractMap<K, V> implements Map<K, V> {
    protected AbstractMap() {}

    public abstract Set<Map.Entry<K, V>> entrySet();

    public int size() {
        return entrySet().size();
    }

    public boolean isEmpty() {
        return size() == 0;
    }

    public boolean containsValue(Object value) {
        for (Map.Entry<K, V> entry : entrySet()) if (Objects.equals(value, entry.getValue())) return true;
        return false;
    }

    public void putAll(Map<? extends K, ? extends V> other) {
        for (Map.Entry<? extends K, ? extends V> entry : other.entrySet()) put(entry.getKey(), entry.getValue());
    }

    public boolean equals(Object other) {
        if (other == this) return true;
        if (!(other instanceof Map)) return false;
        Map<?, ?> that = (Map<?, ?>) other;
        if (that.size() != size()) return false;
        for (Map.Entry<K, V> entry : entrySet()) {
            K key = entry.getKey();
            if (!that.containsKey(key) || !Objects.equals(entry.getValue(), that.get(key))) return false;
        }
        return true;
    }

    public int hashCode() {
        int sum = 0;
        for (Map.Entry<K, V> entry : entrySet()) sum += entry.hashCode();
        return sum;
    }

    public String toString() {
        StringBuilder out = new StringBuilder("{");
        boolean first = true;
        for (Map.Entry<K, V> entry : entrySet()) {
            if (!first) out.append(", ");
            first = false;
            K key = entry.getKey();
            V value = entry.getValue();
            out.append(key == this ? "(this Map)" : String.valueOf(key)).append('=');
            out.append(value == this ? "(this Map)" : String.valueOf(value));
        }
        return out.append('}').toString();
    }

    /** Views of the map: keys, values, entries. */
    static final int KEYS = 0;
    static final int VALUES = 1;
    static final int ENTRIES = 2;

    public Set<K> keySet() {
        return new SetView<K>(KEYS);
    }

    public Collection<V> values() {
        return new View<V>(VALUES);
    }

    /** An iterator over keys, values or entries. */
    abstract Iterator<?> walk(int what);

    boolean viewHas(int what, Object element) {
        if (what == KEYS) return containsKey(element);
        if (what == VALUES) return containsValue(element);
        if (!(element instanceof Map.Entry)) return false;
        Map.Entry<?, ?> entry = (Map.Entry<?, ?>) element;
        return containsKey(entry.getKey()) && Objects.equals(get(entry.getKey()), entry.getValue());
    }

    class View<T> extends AbstractCollection<T> {
        private final int what;

        View(int what) {
            this.what = what;
        }

        public int size() {
            return AbstractMap.this.size();
        }

        @SuppressWarnings("unchecked")
        public Iterator<T> iterator() {
            return (Iterator<T>) walk(what);
        }

        public boolean contains(Object element) {
            return viewHas(what, element);
        }

        public void clear() {
            AbstractMap.this.clear();
        }
    }

    class SetView<T> extends AbstractSet<T> {
        private final int what;

        SetView(int what) {
            this.what = what;
        }

        public int size() {
            return AbstractMap.this.size();
        }

        @SuppressWarnings("unchecked")
        public Iterator<T> iterator() {
            return (Iterator<T>) walk(what);
        }

        public boolean contains(Object element) {
            return viewHas(what, element);
        }

        public void clear() {
            AbstractMap.this.clear();
        }
    }
}
