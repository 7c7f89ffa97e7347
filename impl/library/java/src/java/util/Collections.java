package java.util;

public final class Collections {
    private Collections() {}

    public static <T extends Comparable<? super T>> void sort(List<T> list) {
        list.sort(null);
    }

    public static <T> void sort(List<T> list, Comparator<? super T> order) {
        list.sort(order);
    }

    public static void reverse(List<?> list) {
        for (int i = 0, k = list.size() - 1; i < k; i++, k--) swap(list, i, k);
    }

    @SuppressWarnings("unchecked")
    public static void swap(List<?> list, int a, int b) {
        List<Object> any = (List<Object>) list;
        any.set(a, any.set(b, any.get(a)));
    }

    public static void shuffle(List<?> list, Random chance) {
        for (int i = list.size(); i > 1; i--) swap(list, i - 1, chance.nextInt(i));
    }

    public static <T extends Object & Comparable<? super T>> T max(Collection<? extends T> all) {
        Iterator<? extends T> at = all.iterator();
        T best = at.next();
        while (at.hasNext()) {
            T one = at.next();
            if (one.compareTo(best) > 0) best = one;
        }
        return best;
    }

    public static <T extends Object & Comparable<? super T>> T min(Collection<? extends T> all) {
        Iterator<? extends T> at = all.iterator();
        T best = at.next();
        while (at.hasNext()) {
            T one = at.next();
            if (one.compareTo(best) < 0) best = one;
        }
        return best;
    }

    public static <T> Comparator<T> reverseOrder() {
        return new Reversed<T>(null);
    }

    public static <T> Comparator<T> reverseOrder(Comparator<T> order) {
        return new Reversed<T>(order);
    }

    public static <T> boolean addAll(Collection<? super T> to, T... elements) {
        boolean changed = false;
        for (int i = 0; i < elements.length; i++) if (to.add(elements[i])) changed = true;
        return changed;
    }

    public static <T> List<T> emptyList() {
        return Arrays.<T>asList();
    }

    public static int frequency(Collection<?> all, Object wanted) {
        int count = 0;
        for (Object one : all) if (Objects.equals(wanted, one)) count++;
        return count;
    }

    /** The other way round; null: the natural order. */
    static final class Reversed<T> implements Comparator<T> {
        private final Comparator<T> order;

        Reversed(Comparator<T> order) {
            this.order = order;
        }

        @SuppressWarnings("unchecked")
        public int compare(T a, T b) {
            return order != null ? order.compare(b, a) : ((Comparable<T>) b).compareTo(a);
        }
    }
}
