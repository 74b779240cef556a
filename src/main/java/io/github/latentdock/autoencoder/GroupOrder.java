package io.github.latentdock.autoencoder;

import java.util.Arrays;

/**
 * An order in which the members of a group follow each other, so that batches have several of a group: a multi-level VAE learns from
 * what they have in common (Bouchacourt et al. 2018, algorithm 1, samples groups with their members). Of large groups a part follows,
 * so that a batch has several groups as well.
 */
final class GroupOrder {

    /** Parts of groups that a batch has. */
    private static final int PARTS = 8;

    private GroupOrder() {}

    /**
     * @param order examples; decides which of a group come together, and in which order the parts of groups follow
     * @param batchSize of which a group's part takes an eighth at most, but two examples
     * @return the same examples
     */
    static int[] of(Examples examples, int[] order, int batchSize) {
        int most = Math.max(2, batchSize / PARTS);
        long[] places = new long[order.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = pair(examples.group(order[i]), i);
        }
        Arrays.sort(places);
        int first = 0;
        int size = 0;
        for (int i = 0; i < places.length; i++) {
            boolean same = i > 0 && examples.group(order[(int) places[i]]) == examples.group(order[first]);
            if (!same || size == most) {
                first = (int) places[i];
                size = 0;
            }
            size++;
            places[i] = pair(first, (int) places[i]);
        }
        Arrays.sort(places);
        return Arrays.stream(places).mapToInt(place -> order[(int) place]).toArray();
    }

    /** Sorted by the one, then by the other; neither is negative. */
    private static long pair(int one, int other) {
        return (long) one << Integer.SIZE | other;
    }
}
