package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.ObjectiveScript.Input;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What an objective's script gives for the arrays of a golden case.
 *
 * @param results loss, recon_loss, reg_loss, or each example's
 * @param gradients by key; empty unless it trains
 * @param statistics the running ones, after the pass
 */
record ObjectiveRun(
        SequencedMap<String, float[]> results,
        SequencedMap<String, float[]> gradients,
        SequencedMap<String, float[]> statistics) {

    static ObjectiveRun of(GoldenObjective golden, boolean training) {
        return of(golden, training, Map.of());
    }

    /** @param changed arrays that are other than the case's, by its names */
    static ObjectiveRun of(GoldenObjective golden, boolean training, Map<String, float[]> changed) {
        var objective = new ObjectiveScript(golden.objective(), golden.network(), golden.masked(), training);
        try (NDManager manager = NDManager.newBaseManager();
                var script = CompiledScript.compile(objective.source(), manager)) {
            JniUtils.setGradMode(training);
            var arguments = new NDList();
            for (Input input : objective.inputs()) {
                boolean code = input == Input.CODE || input == Input.CODE_LOG_VARIANCE;
                arguments.add(
                        input == Input.BLUR
                                ? blur(golden, manager)
                                : argument(golden, input.variable, changed, code && training, manager));
            }
            var buffers = new LinkedHashMap<String, NDArray>();
            for (String key : objective.script().weights()) {
                boolean learned = objective.learned().contains(key);
                NDArray weight = argument(golden, "weights/" + key, changed, learned, manager);
                arguments.add(weight);
                if (key.contains("running")) {
                    buffers.put(key, weight);
                }
            }
            return of(objective, script.run(arguments), buffers, training);
        } finally {
            JniUtils.setGradMode(true);
        }
    }

    private static ObjectiveRun of(
            ObjectiveScript objective, NDList given, Map<String, NDArray> buffers, boolean training) {
        var results = new LinkedHashMap<String, float[]>();
        var gradients = new LinkedHashMap<String, float[]>();
        int at = 0;
        if (training) {
            results.put("loss", given.get(at++).toFloatArray());
        }
        results.put(
                training ? "recon_loss" : "recon_per_example", given.get(at++).toFloatArray());
        results.put(training ? "reg_loss" : "reg_per_example", given.get(at++).toFloatArray());
        for (String key : objective.learned()) {
            gradients.put(key, given.get(at++).toFloatArray());
        }
        for (Input input : objective.inputs()) {
            if (training && (input == Input.CODE || input == Input.CODE_LOG_VARIANCE)) {
                gradients.put(input.variable, given.get(at++).toFloatArray());
            }
        }
        var statistics = new LinkedHashMap<String, float[]>();
        buffers.forEach((key, array) -> statistics.put(key, array.toFloatArray()));
        return new ObjectiveRun(results, gradients, statistics);
    }

    private static NDArray argument(
            GoldenObjective golden, String key, Map<String, float[]> changed, boolean learned, NDManager manager) {
        NDArray array = golden.array(key, manager);
        float[] other = changed.get(key);
        if (other != null) {
            array = manager.create(other, array.getShape());
        }
        if (learned) {
            array.setRequiresGradient(true);
        }
        return array;
    }

    private static NDArray blur(GoldenObjective golden, NDManager manager) {
        int channels = golden.network().inputShape()[0];
        return manager.create(Pyramid.filter(channels), new Shape(channels, 1, Pyramid.SIZE, Pyramid.SIZE));
    }
}
