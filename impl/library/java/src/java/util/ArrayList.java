package java.util;

import phantom.jvm.Items;

public class ArrayList<E> extends AbstractList<E> implements RandomAccess, java.io.Serializable {
    private final Items items = new Items();
    private int size;

    public ArrayList() {}

    public ArrayList(int capacity) {
        if (capacity < 0) throw new IllegalArgumentException("Illegal Capacity: " + capacity);
    }

    public ArrayList(Collection<? extends E> elements) {
        addAll(elements);
    }

    public int size() {
        return size;
    }

    private void check(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("Index " + index + " out of bounds for length " + size);
        }
    }

    @SuppressWarnings("unchecked")
    public E get(int index) {
        check(index);
        return (E) items.get(index);
    }

    public E set(int index, E element) {
        E old = get(index);
        items.set(element, index);
        return old;
    }

    public boolean add(E element) {
        modCount++;
        items.set(element, size);
        size++;
        return true;
    }

    public void add(int index, E element) {
        if (index < 0 || index > size) throw new IndexOutOfBoundsException("Index: " + index + ", Size: " + size);
        modCount++;
        for (int i = size; i > index; i--) items.set(items.get(i - 1), i);
        items.set(element, index);
        size++;
    }

    public E remove(int index) {
        E old = get(index);
        modCount++;
        size--;
        for (int i = index; i < size; i++) items.set(items.get(i + 1), i);
        items.set(null, size);
        return old;
    }

    public boolean remove(Object element) {
        int index = indexOf(element);
        if (index < 0) return false;
        remove(index);
        return true;
    }

    public void clear() {
        modCount++;
        for (int i = 0; i < size; i++) items.set(null, i);
        size = 0;
    }

    public void ensureCapacity(int capacity) {}

    public void trimToSize() {}
}
