package java.util;

/** A HashMap that iterates in the order in which keys came. */
public class LinkedHashMap<K, V> extends HashMap<K, V> {
    private Linked<K, V> first;
    private Linked<K, V> last;
    private boolean byAccess;

    public LinkedHashMap() {}

    public LinkedHashMap(int capacity) {
        super(capacity);
    }

    public LinkedHashMap(int capacity, float load) {
        super(capacity, load);
    }

    public LinkedHashMap(int capacity, float load, boolean byAccess) {
        super(capacity, load);
        this.byAccess = byAccess;
    }

    public LinkedHashMap(Map<? extends K, ? extends V> other) {
        putAll(other);
    }

    private static final class Linked<K, V> extends Node<K, V> {
        Linked<K, V> before;
        Linked<K, V> behind;

        Linked(int hash, K key, V value) {
            super(hash, key, value);
        }
    }

    Node<K, V> make(int hash, K key, V value) {
        Linked<K, V> made = new Linked<K, V>(hash, key, value);
        append(made);
        return made;
    }

    private void append(Linked<K, V> node) {
        node.before = last;
        node.behind = null;
        if (last == null) first = node;
        else last.behind = node;
        last = node;
    }

    void removed(Node<K, V> node) {
        Linked<K, V> gone = (Linked<K, V>) node;
        if (gone.before == null) first = gone.behind;
        else gone.before.behind = gone.behind;
        if (gone.behind == null) last = gone.before;
        else gone.behind.before = gone.before;
    }

    void touched(Node<K, V> node) {
        if (!byAccess || node == last) return;
        removed(node);
        append((Linked<K, V>) node);
        changes++;
    }

    void added() {
        if (removeEldestEntry(first)) remove(first.key);
    }

    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return false;
    }

    public void clear() {
        super.clear();
        first = null;
        last = null;
    }

    Node<K, V> after(Node<K, V> node) {
        return node == null ? first : ((Linked<K, V>) node).behind;
    }
}
