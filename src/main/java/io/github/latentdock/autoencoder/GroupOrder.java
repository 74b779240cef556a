package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        List<List<Integer>> parts = new ArrayList<>();
        Map<Integer, List<Integer>> open = new HashMap<>();
        for (int row : order) {
            List<Integer> part = open.get(examples.group(row));
            if (part == null || part.size() == most) {
                part = new ArrayList<>();
                parts.add(part);
                open.put(examples.group(row), part);
            }
            part.add(row);
        }
        return parts.stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
    }
}
