package io.github.latentdock.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code /actuator/prometheus} told at one moment.
 *
 * @param series values by name and labels, as they are written: {@code name{a="b",c="d"}}
 */
public record Metrics(Map<String, Double> series) {

    /** The metrics of the service as Prometheus stores them; a histogram has three. The dashboard asks for no others. */
    public static final Set<String> PUBLISHED = Set.of(
            "latentdock_inference_seconds_bucket",
            "latentdock_inference_seconds_count",
            "latentdock_inference_seconds_sum",
            "latentdock_queue_seconds_bucket",
            "latentdock_queue_seconds_count",
            "latentdock_queue_seconds_sum",
            "latentdock_batch_rows_bucket",
            "latentdock_batch_rows_count",
            "latentdock_batch_rows_sum",
            "latentdock_queue_rows",
            "latentdock_rejections_total",
            "latentdock_models_loaded",
            "latentdock_models_failed",
            "latentdock_native_memory_bytes",
            "latentdock_lanes_busy",
            "latentdock_trainings",
            "latentdock_training_images_per_second",
            "latentdock_training_epoch_loss",
            "latentdock_datasets_rows_total",
            "latentdock_datasets_values_bytes_total",
            "jvm_memory_used_bytes",
            "process_cpu_usage",
            "http_server_requests_seconds_bucket",
            "http_server_requests_seconds_count",
            "http_server_requests_seconds_sum");

    public static Metrics of(Http http) {
        var answer = http.get("/actuator/prometheus");
        if (answer.status() != 200) {
            throw new AssertionError("/actuator/prometheus answers %d".formatted(answer.status()));
        }
        var series = new LinkedHashMap<String, Double>();
        answer.text().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            series.put(line.substring(0, space), number(line.substring(space + 1)));
        });
        return new Metrics(series);
    }

    /** The sum of all series of a name that have these labels, each such as {@code model="a"}; 0 where there is none. */
    public double sum(String name, String... labels) {
        return matching(name, labels).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    public boolean has(String name, String... labels) {
        return !matching(name, labels).isEmpty();
    }

    /** The names, without labels. */
    public Set<String> names() {
        return series.keySet().stream().map(Metrics::name).collect(Collectors.toSet());
    }

    public Map<String, Double> matching(String name, String... labels) {
        var matching = new LinkedHashMap<>(series);
        matching.keySet().removeIf(key -> {
            boolean wrong = !name(key).equals(name);
            for (String label : labels) {
                wrong |= !key.contains("{" + label) && !key.contains("," + label);
            }
            return wrong;
        });
        return matching;
    }

    private static String name(String key) {
        int brace = key.indexOf('{');
        return brace < 0 ? key : key.substring(0, brace);
    }

    private static double number(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }
}
