package java.util;

public interface List<E> extends Collection<E> {
    E get(int index);

    E set(int index, E element);

    void add(int index, E element);

    E remove(int index);

    int indexOf(Object element);

    int lastIndexOf(Object element);

    List<E> subList(int from, int to);

    ListIterator<E> listIterator();

    default void sort(Comparator<? super E> order) {
        Object[] all = toArray();
        Arrays.sort(all, (Comparator<Object>) (Object) order);
        for (int i = 0; i < all.length; i++) set(i, (E) all[i]);
    }
}
