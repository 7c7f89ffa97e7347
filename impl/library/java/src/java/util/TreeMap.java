package java.util;

/** Keys in order: a treap whose priorities are the hashes of a counter, so its depth is that of a random tree. */
public class TreeMap<K, V> extends AbstractMap<K, V> implements java.io.Serializable {
    private final Comparator<? super K> order;
    private Node<K, V> root;
    private int size;
    private int made;
    private int changes;

    public TreeMap() {
        order = null;
    }

    public TreeMap(Comparator<? super K> order) {
        this.order = order;
    }

    public TreeMap(Map<? extends K, ? extends V> other) {
        order = null;
        putAll(other);
    }

    private static final class Node<K, V> extends HashMap.Node<K, V> {
        Node<K, V> left;
        Node<K, V> right;

        Node(int priority, K key, V value) {
            super(priority, key, value);
        }
    }

    @SuppressWarnings("unchecked")
    private int compare(Object a, Object b) {
        return order != null ? order.compare((K) a, (K) b) : ((Comparable<Object>) a).compareTo(b);
    }

    private Node<K, V> find(Object key) {
        if (key == null && order == null) throw new NullPointerException();
        Node<K, V> at = root;
        while (at != null) {
            int side = compare(key, at.key);
            if (side == 0) return at;
            at = side < 0 ? at.left : at.right;
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
        return found == null ? null : found.value;
    }

    public V put(K key, V value) {
        if (root == null) compare(key, key);
        Node<K, V> found = root == null ? null : find(key);
        if (found != null) return found.setValue(value);
        int priority = ++made * 0x9e3779b1;
        priority = (priority ^ priority >>> 15) * 0x85ebca6b;
        Node<K, V> node = new Node<K, V>(priority ^ priority >>> 13, key, value);
        root = insert(root, node);
        size++;
        changes++;
        return null;
    }

    private Node<K, V> insert(Node<K, V> at, Node<K, V> node) {
        if (at == null) return node;
        if (compare(node.key, at.key) < 0) {
            at.left = insert(at.left, node);
            if (at.left.hash > at.hash) {
                Node<K, V> up = at.left;
                at.left = up.right;
                up.right = at;
                return up;
            }
        } else {
            at.right = insert(at.right, node);
            if (at.right.hash > at.hash) {
                Node<K, V> up = at.right;
                at.right = up.left;
                up.left = at;
                return up;
            }
        }
        return at;
    }

    private Node<K, V> join(Node<K, V> left, Node<K, V> right) {
        if (left == null) return right;
        if (right == null) return left;
        if (left.hash > right.hash) {
            left.right = join(left.right, right);
            return left;
        }
        right.left = join(left, right.left);
        return right;
    }

    private Node<K, V> without(Node<K, V> at, Object key) {
        int side = compare(key, at.key);
        if (side == 0) return join(at.left, at.right);
        if (side < 0) at.left = without(at.left, key);
        else at.right = without(at.right, key);
        return at;
    }

    public V remove(Object key) {
        Node<K, V> found = find(key);
        if (found == null) return null;
        root = without(root, key);
        size--;
        changes++;
        return found.value;
    }

    public void clear() {
        root = null;
        size = 0;
        changes++;
    }

    /** The nearest on a side of a key; `same`: the key's own counts. */
    private Node<K, V> nearest(K key, boolean above, boolean same) {
        Node<K, V> best = null;
        Node<K, V> at = root;
        while (at != null) {
            int side = compare(key, at.key);
            if (side == 0 && same) return at;
            if (above ? side < 0 : side > 0) {
                best = at;
                at = above ? at.left : at.right;
            } else at = above ? at.right : at.left;
        }
        return best;
    }

    private Node<K, V> end(boolean last) {
        Node<K, V> at = root;
        while (at != null && (last ? at.right : at.left) != null) at = last ? at.right : at.left;
        return at;
    }

    private K keyOf(Node<K, V> node) {
        return node == null ? null : node.key;
    }

    private K known(Node<K, V> node) {
        if (node == null) throw new NoSuchElementException();
        return node.key;
    }

    public K firstKey() {
        return known(end(false));
    }

    public K lastKey() {
        return known(end(true));
    }

    public Map.Entry<K, V> firstEntry() {
        return end(false);
    }

    public Map.Entry<K, V> lastEntry() {
        return end(true);
    }

    public Map.Entry<K, V> pollFirstEntry() {
        Node<K, V> first = end(false);
        if (first != null) remove(first.key);
        return first;
    }

    public K floorKey(K key) {
        return keyOf(nearest(key, false, true));
    }

    public K lowerKey(K key) {
        return keyOf(nearest(key, false, false));
    }

    public K ceilingKey(K key) {
        return keyOf(nearest(key, true, true));
    }

    public K higherKey(K key) {
        return keyOf(nearest(key, true, false));
    }

    public Map.Entry<K, V> floorEntry(K key) {
        return nearest(key, false, true);
    }

    public Map.Entry<K, V> ceilingEntry(K key) {
        return nearest(key, true, true);
    }

    public Set<Map.Entry<K, V>> entrySet() {
        return new SetView<Map.Entry<K, V>>(ENTRIES);
    }

    Iterator<?> walk(int what) {
        return new Walk(what);
    }

    private final class Walk implements Iterator<Object> {
        private final int what;
        private Node<K, V> next = end(false);
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
            next = nearest(last.key, true, false);
            return what == KEYS ? last.key : what == VALUES ? last.value : last;
        }

        public void remove() {
            if (last == null) throw new IllegalStateException();
            TreeMap.this.remove(last.key);
            last = null;
            seen = changes;
        }
    }
}
