package java.util;

/**
 * Chains in a table of a power of two, at most three quarters full. Which chain a key is in and where there is as in
 * every Java, since the order of iteration shows it: the hash folded on itself, new entries at the end of the chain,
 * halves of a chain in their old order when the table doubles. (Long chains do not become trees.)
 */
public class HashMap<K, V> extends AbstractMap<K, V> implements Cloneable, java.io.Serializable {
    private static final int MAXIMUM = 1 << 30;
    private Node<K, V>[] table;
    private int size;
    private int initial = 16;
    private float load = 0.75f;
    int changes;

    public HashMap() {}

    public HashMap(int capacity) {
        if (capacity < 0) throw new IllegalArgumentException("Illegal initial capacity: " + capacity);
        initial = powerFor(capacity);
    }

    public HashMap(int capacity, float load) {
        this(capacity);
        this.load = load;
    }

    public HashMap(Map<? extends K, ? extends V> other) {
        float wanted = other.size() / load + 1.0f;
        if (other.size() > 0) initial = powerFor((int) wanted);
        putAll(other);
    }

    private static int powerFor(int capacity) {
        int power = 1;
        while (power < capacity && power < MAXIMUM) power <<= 1;
        return power;
    }

    static class Node<K, V> implements Map.Entry<K, V> {
        final int hash;
        final K key;
        V value;
        Node<K, V> next;

        Node(int hash, K key, V value) {
            this.hash = hash;
            this.key = key;
            this.value = value;
        }

        public K getKey() {
            return key;
        }

        public V getValue() {
            return value;
        }

        public V setValue(V now) {
            V old = value;
            value = now;
            return old;
        }

        public boolean equals(Object other) {
            if (!(other instanceof Map.Entry)) return false;
            Map.Entry<?, ?> that = (Map.Entry<?, ?>) other;
            return Objects.equals(key, that.getKey()) && Objects.equals(value, that.getValue());
        }

        public int hashCode() {
            return Objects.hashCode(key) ^ Objects.hashCode(value);
        }

        public String toString() {
            return key + "=" + value;
        }
    }

    private static int hashOf(Object key) {
        if (key == null) return 0;
        int hash = key.hashCode();
        return hash ^ hash >>> 16;
    }

    Node<K, V> find(Object key) {
        if (table == null) return null;
        int hash = hashOf(key);
        for (Node<K, V> at = table[hash & table.length - 1]; at != null; at = at.next) {
            if (at.hash == hash && (at.key == key || key != null && key.equals(at.key))) return at;
        }
        return null;
    }

    public int size() {
        return size;
    }

    public boolean containsKey(Object key) {
        return find(key) != null;
    }

    public V get(Object key) {
        Node<K, V> found = find(key);
        if (found == null) return null;
        touched(found);
        return found.value;
    }

    public V getOrDefault(Object key, V otherwise) {
        Node<K, V> found = find(key);
        if (found == null) return otherwise;
        touched(found);
        return found.value;
    }

    Node<K, V> make(int hash, K key, V value) {
        return new Node<K, V>(hash, key, value);
    }

    void touched(Node<K, V> node) {}

    void removed(Node<K, V> node) {}

    void added() {}

    public V put(K key, V value) {
        Node<K, V> found = find(key);
        if (found != null) {
            V old = found.value;
            found.value = value;
            touched(found);
            return old;
        }
        if (table == null) table = tableOf(initial);
        int hash = hashOf(key);
        Node<K, V> made = make(hash, key, value);
        int index = hash & table.length - 1;
        Node<K, V> at = table[index];
        if (at == null) table[index] = made;
        else {
            while (at.next != null) at = at.next;
            at.next = made;
        }
        changes++;
        if (++size > table.length * load) grow();
        added();
        return null;
    }

    @SuppressWarnings("unchecked")
    private static <K, V> Node<K, V>[] tableOf(int length) {
        return (Node<K, V>[]) new Node[length];
    }

    private void grow() {
        Node<K, V>[] old = table;
        Node<K, V>[] larger = tableOf(old.length * 2);
        for (int i = 0; i < old.length; i++) {
            Node<K, V> low = null;
            Node<K, V> high = null;
            for (Node<K, V> at = old[i]; at != null;) {
                Node<K, V> next = at.next;
                at.next = null;
                if ((at.hash & old.length) == 0) {
                    if (low == null) larger[i] = at;
                    else low.next = at;
                    low = at;
                } else {
                    if (high == null) larger[i + old.length] = at;
                    else high.next = at;
                    high = at;
                }
                at = next;
            }
        }
        table = larger;
    }

    public V remove(Object key) {
        Node<K, V> found = find(key);
        if (found == null) return null;
        int index = found.hash & table.length - 1;
        if (table[index] == found) table[index] = found.next;
        else {
            Node<K, V> at = table[index];
            while (at.next != found) at = at.next;
            at.next = found.next;
        }
        size--;
        changes++;
        removed(found);
        return found.value;
    }

    public void clear() {
        changes++;
        size = 0;
        if (table != null) table = tableOf(table.length);
    }

    public Set<Map.Entry<K, V>> entrySet() {
        return new SetView<Map.Entry<K, V>>(ENTRIES);
    }

    Iterator<?> walk(int what) {
        return new Walk(what);
    }

    public Object clone() {
        return new HashMap<K, V>(this);
    }

    /** The node behind this one in the order of iteration; null: the first. */
    Node<K, V> after(Node<K, V> node) {
        if (node != null && node.next != null) return node.next;
        if (table == null) return null;
        for (int i = node == null ? 0 : (node.hash & table.length - 1) + 1; i < table.length; i++) {
            if (table[i] != null) return table[i];
        }
        return null;
    }

    private final class Walk implements Iterator<Object> {
        private final int what;
        private Node<K, V> next = after(null);
        private Node<K, V> last;
        private int seen = changes;

        Walk(int what) {
            this.what = what;
        }

        public boolean hasNext() {
            return next != null;
        }

        public Object next() {
            if (seen != changes) throw new ConcurrentModificationException();
            if (next == null) throw new NoSuchElementException();
            last = next;
            next = after(last);
            return what == KEYS ? last.key : what == VALUES ? last.value : last;
        }

        public void remove() {
            if (last == null) throw new IllegalStateException();
            HashMap.this.remove(last.key);
            last = null;
            seen = changes;
        }
    }
}
