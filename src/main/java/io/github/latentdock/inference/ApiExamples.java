package io.github.latentdock.inference;

import io.swagger.v3.oas.models.examples.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Request bodies for the shipped models that work when pasted, and what is answered. */
final class ApiExamples {

    /** A shirt, coarsely: every character is a square of 2 x 2 pixels. */
    private static final List<String> SHIRT = List.of(
            "..............",
            "....##..##....",
            "..##########..",
            ".############.",
            ".############.",
            ".##.######.##.",
            ".##.######.##.",
            "....######....",
            "....######....",
            "....######....",
            "....######....",
            "....######....",
            "....######....",
            "..............");

    private ApiExamples() {}

    /**
     * An example of an operation.
     *
     * @param model a shipped model that it works with
     * @param response null where an answer is too long to be read
     */
    record Pair(String model, Example request, @Nullable Example response) {}

    /** By the last part of the operation's path. */
    static final Map<String, Pair> BY_OPERATION = byOperation();

    private static Map<String, Pair> byOperation() {
        var examples = new LinkedHashMap<String, Pair>();
        Object shirt = List.of(shirt());
        examples.put("encode", new Pair("fashion-ae", example("A shirt", ordered("instances", shirt)), encoded()));
        examples.put(
                "decode", new Pair("fashion-vae", example("A latent", ordered("latents", List.of(latent(0.5)))), null));
        examples.put("reconstruct", new Pair("fashion-ae", example("A shirt", ordered("instances", shirt)), null));
        examples.put("denoise", new Pair("fashion-ae", example("A shirt", ordered("instances", shirt)), null));
        examples.put("sample", new Pair("fashion-vae", example("Four pictures", ordered("count", 4, "seed", 7)), null));
        examples.put(
                "interpolate",
                new Pair(
                        "fashion-vae",
                        example(
                                "Between two latents",
                                ordered(
                                        "from",
                                        List.of(latent(-1)),
                                        "to",
                                        List.of(latent(1)),
                                        "steps",
                                        5,
                                        "path",
                                        "linear")),
                        null));
        examples.put(
                "score",
                new Pair(
                        "fashion-ae",
                        example("A shirt", ordered("instances", shirt, "falseAlarmRate", 0.05)),
                        scored()));
        examples.put(
                "optimize",
                new Pair(
                        "fashion-ad",
                        example(
                                "A shirt of which the top half is known",
                                ordered("instances", shirt, "mask", List.of(topHalf()), "prior", 0.01)),
                        null));
        return examples;
    }

    private static Example encoded() {
        return example(
                "Its latent",
                ordered(
                        "latents",
                        List.of(List.of(
                                2.7480, -1.0866, -3.3506, 3.7178, -2.9609, -1.1852, -3.3583, -1.9979, 5.9415, 6.1169,
                                3.2275, -2.6201, 5.9318, 0.5277, -0.5307, 2.5096, 4.3546, 0.3562, 1.0520, -3.7160,
                                -6.4701, 0.5887, -2.3438, 0.8662, 0.5834, 5.5859, -2.7379, 2.7339, -0.1152, 1.5025,
                                -0.0594, 2.7641))));
    }

    private static Example scored() {
        return example(
                "No ordinary shirt",
                ordered("scores", List.of(0.0360), "quantiles", List.of(0.9871), "anomalous", List.of(true)));
    }

    private static Example example(String summary, Object value) {
        return new Example().summary(summary).value(value);
    }

    private static Map<String, Object> ordered(Object... entries) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    private static List<Object> shirt() {
        List<Object> rows = new ArrayList<>();
        for (String line : SHIRT) {
            List<Integer> row = new ArrayList<>();
            for (int i = 0; i < line.length(); i++) {
                row.addAll(Collections.nCopies(2, line.charAt(i) == '#' ? 1 : 0));
            }
            rows.addAll(Collections.nCopies(2, row));
        }
        return List.of(rows);
    }

    private static List<Object> topHalf() {
        List<Object> rows = new ArrayList<>();
        for (int row = 0; row < 28; row++) {
            rows.add(Collections.nCopies(28, row < 14 ? 1 : 0));
        }
        return List.of(rows);
    }

    /** As long as fashion-vae's. */
    private static List<Double> latent(double value) {
        return Collections.nCopies(16, value);
    }
}
