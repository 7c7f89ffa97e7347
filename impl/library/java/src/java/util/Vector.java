package java.util;

public class Vector<E> extends ArrayList<E> {
    public Vector() {}

    public E elementAt(int index) {
        return get(index);
    }

    public void addElement(E element) {
        add(element);
    }
}
