package java.util;

public class LinkedList<E> extends AbstractList<E> implements Deque<E>, java.io.Serializable {
    private final Node<E> head = new Node<E>(null);
    private int size;

    public LinkedList() {
        head.next = head;
        head.previous = head;
    }

    public LinkedList(Collection<? extends E> elements) {
        this();
        addAll(elements);
    }

    private static final class Node<E> {
        E element;
        Node<E> next;
        Node<E> previous;

        Node(E element) {
            this.element = element;
        }
    }

    public int size() {
        return size;
    }

    private Node<E> node(int index) {
        if (index < 0 || index >= size) throw new IndexOutOfBoundsException("Index: " + index + ", Size: " + size);
        Node<E> at = head;
        if (index < size / 2) for (int i = 0; i <= index; i++) at = at.next;
        else for (int i = size; i > index; i--) at = at.previous;
        return at;
    }

    private void insert(E element, Node<E> before) {
        Node<E> made = new Node<E>(element);
        made.next = before;
        made.previous = before.previous;
        before.previous.next = made;
        before.previous = made;
        size++;
        modCount++;
    }

    private E unlink(Node<E> node) {
        node.previous.next = node.next;
        node.next.previous = node.previous;
        size--;
        modCount++;
        return node.element;
    }

    public E get(int index) {
        return node(index).element;
    }

    public E set(int index, E element) {
        Node<E> at = node(index);
        E old = at.element;
        at.element = element;
        return old;
    }

    public void add(int index, E element) {
        if (index < 0 || index > size) throw new IndexOutOfBoundsException("Index: " + index + ", Size: " + size);
        insert(element, index == size ? head : node(index));
    }

    public E remove(int index) {
        return unlink(node(index));
    }

    public boolean remove(Object element) {
        for (Node<E> at = head.next; at != head; at = at.next) {
            if (Objects.equals(element, at.element)) {
                unlink(at);
                return true;
            }
        }
        return false;
    }

    public void clear() {
        head.next = head;
        head.previous = head;
        size = 0;
        modCount++;
    }

    public void addFirst(E element) {
        insert(element, head.next);
    }

    public void addLast(E element) {
        insert(element, head);
    }

    public E pollFirst() {
        return size == 0 ? null : unlink(head.next);
    }

    public E pollLast() {
        return size == 0 ? null : unlink(head.previous);
    }

    public E peekFirst() {
        return head.next.element;
    }

    public E peekLast() {
        return head.previous.element;
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
        private Node<E> next = head.next;
        private Node<E> last;
        private int seen = modCount;

        public boolean hasNext() {
            return next != head;
        }

        public E next() {
            if (seen != modCount) throw new ConcurrentModificationException();
            if (next == head) throw new NoSuchElementException();
            last = next;
            next = next.next;
            return last.element;
        }

        public void remove() {
            if (last == null) throw new IllegalStateException();
            unlink(last);
            last = null;
            seen = modCount;
        }
    }
}
