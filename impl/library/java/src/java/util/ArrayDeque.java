package java.util;

/** A ring. */
public class ArrayDeque<E> extends AbstractCollection<E> implements Deque<E>, java.io.Serializable {
    private Object[] ring = new Object[16];
    private int first;
    private int size;

    public ArrayDeque() {}

    public ArrayDeque(int capacity) {}

    public ArrayDeque(Collection<? extends E> elements) {
        addAll(elements);
    }

    public int size() {
        return size;
    }

    private int place(int index) {
        return (first + index) & (ring.length - 1);
    }

    private void grow(E element) {
        if (element == null) throw new NullPointerException();
        if (size < ring.length) return;
        Object[] larger = new Object[size * 2];
        for (int i = 0; i < size; i++) larger[i] = ring[place(i)];
        ring = larger;
        first = 0;
    }

    public void addFirst(E element) {
        grow(element);
        first = (first - 1) & (ring.length - 1);
        ring[first] = element;
        size++;
    }

    public void addLast(E element) {
        grow(element);
        ring[place(size)] = element;
        size++;
    }

    @SuppressWarnings("unchecked")
    public E pollFirst() {
        if (size == 0) return null;
        E element = (E) ring[first];
        ring[first] = null;
        first = place(1);
        size--;
        return element;
    }

    @SuppressWarnings("unchecked")
    public E pollLast() {
        if (size == 0) return null;
        size--;
        E element = (E) ring[place(size)];
        ring[place(size)] = null;
        return element;
    }

    @SuppressWarnings("unchecked")
    public E peekFirst() {
        return size == 0 ? null : (E) ring[first];
    }

    @SuppressWarnings("unchecked")
    public E peekLast() {
        return size == 0 ? null : (E) ring[place(size - 1)];
    }

    public boolean add(E element) {
        addLast(element);
        return true;
    }

    public boolean offer(E element) {
        addLast(element);
        return true;
    }

    public boolean offerFirst(E element) {
        addFirst(element);
        return true;
    }

    public boolean offerLast(E element) {
        addLast(element);
        return true;
    }

    public void push(E element) {
        addFirst(element);
    }

    public E pop() {
        return removeFirst();
    }

    public E remove() {
        return removeFirst();
    }

    public E poll() {
        return pollFirst();
    }

    public E peek() {
        return peekFirst();
    }

    public E element() {
        return getFirst();
    }

    public E removeFirst() {
        if (isEmpty()) throw new NoSuchElementException();
        return pollFirst();
    }

    public E removeLast() {
        if (isEmpty()) throw new NoSuchElementException();
        return pollLast();
    }

    public E getFirst() {
        if (isEmpty()) throw new NoSuchElementException();
        return peekFirst();
    }

    public E getLast() {
        if (isEmpty()) throw new NoSuchElementException();
        return peekLast();
    }

    public Iterator<E> iterator() {
        return new Walk();
    }

    private final class Walk implements Iterator<E> {
        private int next;

        public boolean hasNext() {
            return next < size;
        }

        @SuppressWarnings("unchecked")
        public E next() {
            if (next >= size) throw new NoSuchElementException();
            return (E) ring[place(next++)];
        }

        public void remove() {
            if (next == 0) throw new IllegalStateException();
            next--;
            for (int i = next; i < size - 1; i++) ring[place(i)] = ring[place(i + 1)];
            ring[place(--size)] = null;
        }
    }
}
