package java.util;

public abstract class AbstractSet<E> extends AbstractCollection<E> implements Set<E> {
    protected AbstractSet() {}

    public boolean equals(Object other) {
        if (other == this) return true;
        if (!(other instanceof Set)) return false;
        Collection<?> that = (Collection<?>) other;
        return that.size() == size() && containsAll(that);
    }

    public int hashCode() {
        int sum = 0;
        for (E one : this) if (one != null) sum += one.hashCode();
        return sum;
    }
}
