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
                                2.0228, -5.0736, -1.0897, -4.8786, 0.4957, 4.1558, 1.9474, 1.7171, 2.5381, -6.4992,
                                0.4138, -0.3959, 4.0185, 7.9694, -2.4815, 1.7068, -0.0548, 2.5588, 3.9078, -7.9337,
                                -3.1122, 2.9077, 2.1261, -2.5640, 2.0797, -1.1332, 2.0984, -4.0361, 2.8409, -3.4818,
                                3.3554, 3.5421))));
    }

    private static Example scored() {
        return example(
                "No ordinary shirt",
                ordered("scores", List.of(0.0334), "quantiles", List.of(0.9838), "anomalous", List.of(true)));
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
