package java.util;

public abstract class AbstractCollection<E> implements Collection<E> {
    protected AbstractCollection() {}

    public abstract Iterator<E> iterator();

    public abstract int size();

    public boolean isEmpty() {
        return size() == 0;
    }

    public boolean contains(Object element) {
        for (E one : this) if (Objects.equals(element, one)) return true;
        return false;
    }

    public boolean add(E element) {
        throw new UnsupportedOperationException();
    }

    public boolean remove(Object element) {
        for (Iterator<E> at = iterator(); at.hasNext();) {
            if (Objects.equals(element, at.next())) {
                at.remove();
                return true;
            }
        }
        return false;
    }

    public boolean addAll(Collection<? extends E> elements) {
        boolean changed = false;
        for (E one : elements) if (add(one)) changed = true;
        return changed;
    }

    public boolean containsAll(Collection<?> elements) {
        for (Object one : elements) if (!contains(one)) return false;
        return true;
    }

    public boolean removeAll(Collection<?> elements) {
        return keep(elements, false);
    }

    public boolean retainAll(Collection<?> elements) {
        return keep(elements, true);
    }

    private boolean keep(Collection<?> elements, boolean those) {
        boolean changed = false;
        for (Iterator<E> at = iterator(); at.hasNext();) {
            if (elements.contains(at.next()) != those) {
                at.remove();
                changed = true;
            }
        }
        return changed;
    }

    public void clear() {
        for (Iterator<E> at = iterator(); at.hasNext();) {
            at.next();
            at.remove();
        }
    }

    public Object[] toArray() {
        Object[] all = new Object[size()];
        int i = 0;
        for (E one : this) all[i++] = one;
        return all;
    }

    @SuppressWarnings("unchecked")
    public <T> T[] toArray(T[] array) {
        T[] all = array.length >= size() ? array : Arrays.copyOf(array, size());
        int i = 0;
        for (E one : this) all[i++] = (T) one;
        if (i < all.length) all[i] = null;
        return all;
    }

    public String toString() {
        StringBuilder out = new StringBuilder("[");
        boolean first = true;
        for (E one : this) {
            if (!first) out.append(", ");
            first = false;
            out.append(one == this ? "(this Collection)" : String.valueOf(one));
        }
        return out.append(']').toString();
    }
}
