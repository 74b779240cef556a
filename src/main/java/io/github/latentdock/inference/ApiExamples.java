package io.github.latentdock.inference;

import io.swagger.v3.oas.models.examples.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Request bodies for the shipped models that work when pasted. */
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

    /** By operation id. */
    static Map<String, Example> requests() {
        var examples = new LinkedHashMap<String, Example>();
        Object shirt = List.of(shirt());
        examples.put("encode", example("A shirt, for fashion-ae", Map.of("instances", shirt)));
        examples.put("decode", example("A latent of fashion-vae", Map.of("latents", List.of(latent(16, 0.5)))));
        examples.put("reconstruct", example("A shirt, for fashion-ae", Map.of("instances", shirt)));
        examples.put("denoise", example("A shirt, for fashion-ae", Map.of("instances", shirt)));
        examples.put("sample", example("Four pictures", ordered("count", 4, "seed", 7)));
        examples.put(
                "interpolate",
                example(
                        "Between two latents of fashion-vae",
                        ordered(
                                "from",
                                List.of(latent(16, -1)),
                                "to",
                                List.of(latent(16, 1)),
                                "steps",
                                5,
                                "path",
                                "linear")));
        examples.put("score", example("A shirt, for fashion-ae", ordered("instances", shirt, "falseAlarmRate", 0.05)));
        examples.put(
                "optimize",
                example(
                        "A shirt of which the top half is known, for fashion-ad",
                        ordered("instances", shirt, "mask", List.of(topHalf()), "prior", 0.01)));
        return examples;
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

    private static List<Double> latent(int size, double value) {
        return Collections.nCopies(size, value);
    }
}
