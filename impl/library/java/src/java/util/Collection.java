package java.util;

public interface Collection<E> extends Iterable<E> {
    int size();

    boolean isEmpty();

    boolean contains(Object element);

    boolean add(E element);

    boolean remove(Object element);

    boolean addAll(Collection<? extends E> elements);

    boolean containsAll(Collection<?> elements);

    boolean removeAll(Collection<?> elements);

    boolean retainAll(Collection<?> elements);

    void clear();

    Object[] toArray();

    <T> T[] toArray(T[] array);
}
