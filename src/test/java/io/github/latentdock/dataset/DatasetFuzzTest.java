package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Tree;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of every format, cut off and spoiled at random: each is taken or refused with a problem, and nothing is left of it. */
class DatasetFuzzTest {

    private static final int UPLOADS = 1_500;
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_126);

    @TempDir
    Path root = Path.of("");

    @Test
    void spoiledUploadsAreTakenOrRefusedAndLeaveNothingBehind() {
        Store store = Store.at(root);
        List<Map<String, byte[]>> corpus = corpus();
        int taken = 0;
        for (int i = 0; i < UPLOADS; i++) {
            var random = new Random(SEED + i);
            Map<String, byte[]> parts = new HashMap<>(corpus.get(i % corpus.size()));
            List<String> names = parts.keySet().stream().sorted().toList();
            String part = names.get(random.nextInt(names.size()));
            parts.computeIfPresent(part, (name, content) -> spoiled(content, random));
            try {
                var options = new Options(null, random.nextBoolean(), null, null);
                Dataset dataset = store.add("fuzz", options, parts).dataset();
                assertThat(store.values(dataset)).hasSize(dataset.rows() * dataset.size());
                store.publisher().delete("fuzz");
                taken++;
            } catch (Problem problem) {
                assertThat(problem.fault())
                        .as("-Dfuzz.seed=%d: %s", SEED + i, problem.detail())
                        .isIn(Fault.MALFORMED, Fault.INVALID, Fault.TOO_LARGE);
                assertThat(problem.detail()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("with -Dfuzz.seed=%d".formatted(SEED + i), e);
            }
        }
        assertThat(Tree.of(root).contents()).containsOnlyKeys("");
        // Some of what is spoiled is another valid file, and most is not.
        assertThat(taken).isBetween(UPLOADS / 100, UPLOADS / 2);
    }

    private static byte[] spoiled(byte[] content, Random random) {
        byte[] spoiled = content.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            // Headers are at the begin, directories of zips at the end.
            int reach = random.nextBoolean() ? Math.min(64, spoiled.length) : spoiled.length;
            int at = random.nextBoolean() ? random.nextInt(reach) : spoiled.length - 1 - random.nextInt(reach);
            spoiled[at] =
                    random.nextInt(4) == 0 ? (byte) random.nextInt(256) : (byte) (spoiled[at] ^ 1 << random.nextInt(8));
        }
        return switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(spoiled, 1 + random.nextInt(spoiled.length));
            case 1 -> Arrays.copyOf(spoiled, spoiled.length + 1 + random.nextInt(20));
            default -> spoiled;
        };
    }

    private static List<Map<String, byte[]>> corpus() {
        byte[] bytes = new byte[48];
        new Random(1).nextBytes(bytes);
        byte[] npy = Uploads.npy(new float[] {1, 2, 3, 4, 5, Float.NaN}, 3, 2);
        byte[] labels = Uploads.npy("<i8", new byte[24], 3);
        var arrays = new LinkedHashMap<String, byte[]>();
        arrays.put("x.npy", npy);
        arrays.put("labels.npy", labels);
        var pictures = new LinkedHashMap<String, byte[]>();
        pictures.put("coat/a.png", Uploads.png(3, 2, 1, 2, 3, 4, 5, 6));
        pictures.put("bag/b.png", Uploads.png(3, 2, 6, 5, 4, 3, 2, 1));
        return List.of(
                Map.of("file", npy),
                Map.of("file", npy, "labels", labels, "mask", Uploads.npyBytes(new byte[] {1, 0, 1, 0, 1, 0}, 3, 2)),
                Map.of("file", Uploads.npyFortran(new float[] {1, 2, 3, 4, 5, 6}, 3, 2)),
                Map.of("file", Uploads.idx(bytes, 3, 4, 4), "labels", Uploads.idx(new byte[] {1, 2, 3}, 3)),
                Map.of("file", Uploads.gzip(Uploads.idx(bytes, 3, 4, 4))),
                Map.of("file", Uploads.zip(arrays)),
                Map.of("file", Uploads.zip(pictures)),
                Map.of("file", Uploads.text("label,a,b\nx,1,2\ny,3e1,\"-4\"\n"), "groups", Uploads.text("7\n8\n")));
    }
}
