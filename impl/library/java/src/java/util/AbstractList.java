package java.util;

public abstract class AbstractList<E> extends AbstractCollection<E> implements List<E> {
    /** Counts changes of the length, for iterators that must not meet one. */
    protected int modCount;

    protected AbstractList() {}

    public boolean add(E element) {
        add(size(), element);
        return true;
    }

    public void add(int index, E element) {
        throw new UnsupportedOperationException();
    }

    public E set(int index, E element) {
        throw new UnsupportedOperationException();
    }

    public E remove(int index) {
        throw new UnsupportedOperationException();
    }

    public int indexOf(Object element) {
        int i = 0;
        for (E one : this) {
            if (Objects.equals(element, one)) return i;
            i++;
        }
        return -1;
    }

    public int lastIndexOf(Object element) {
        for (int i = size() - 1; i >= 0; i--) if (Objects.equals(element, get(i))) return i;
        return -1;
    }

    public void clear() {
        for (int i = size() - 1; i >= 0; i--) remove(i);
    }

    public Iterator<E> iterator() {
        return new Walk();
    }

    public ListIterator<E> listIterator() {
        return new Walk();
    }

    /** A copy: changes of it do not reach this list. */
    public List<E> subList(int from, int to) {
        if (from < 0 || to > size() || from > to) throw new IndexOutOfBoundsException("subList(" + from + ", " + to + ")");
        List<E> part = new ArrayList<E>();
        for (int i = from; i < to; i++) part.add(get(i));
        return part;
    }

    public boolean equals(Object other) {
        if (other == this) return true;
        if (!(other instanceof List)) return false;
        Iterator<?> theirs = ((List<?>) other).iterator();
        for (E mine : this) if (!theirs.hasNext() || !Objects.equals(mine, theirs.next())) return false;
        return !theirs.hasNext();
    }

    public int hashCode() {
        int hash = 1;
        for (E one : this) hash = 31 * hash + (one == null ? 0 : one.hashCode());
        return hash;
    }

    private class Walk implements ListIterator<E> {
        private int next;
        private int last = -1;
        private int seen = modCount;

        private void check() {
            if (seen != modCount) throw new ConcurrentModificationException();
        }

        public boolean hasNext() {
            return next != size();
        }

        public E next() {
            check();
            if (next >= size()) throw new NoSuchElementException();
            last = next++;
            return get(last);
        }

        public boolean hasPrevious() {
            return next != 0;
        }

        public E previous() {
            check();
            if (next == 0) throw new NoSuchElementException();
            last = --next;
            return get(last);
        }

        public void set(E element) {
            if (last < 0) throw new IllegalStateException();
            AbstractList.this.set(last, element);
        }

        public void remove() {
            if (last < 0) throw new IllegalStateException();
            check();
            AbstractList.this.remove(last);
            if (last < next) next--;
            last = -1;
            seen = modCount;
        }
    }
}
