package java.util;

public class HashSet<E> extends AbstractSet<E> implements Cloneable, java.io.Serializable {
    private final HashMap<E, Object> map;

    HashSet(HashMap<E, Object> map) {
        this.map = map;
    }

    public HashSet() {
        this(new HashMap<E, Object>());
    }

    public HashSet(int capacity) {
        this(new HashMap<E, Object>(capacity));
    }

    public HashSet(Collection<? extends E> elements) {
        this(new HashMap<E, Object>(Math.max((int) (elements.size() / .75f) + 1, 16)));
        addAll(elements);
    }

    public int size() {
        return map.size();
    }

    public boolean contains(Object element) {
        return map.containsKey(element);
    }

    public boolean add(E element) {
        return map.put(element, Boolean.TRUE) == null;
    }

    public boolean remove(Object element) {
        return map.remove(element) != null;
    }

    public void clear() {
        map.clear();
    }

    public Iterator<E> iterator() {
        return map.keySet().iterator();
    }
}
