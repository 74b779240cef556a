package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One TorchScript file, in evaluation mode: dropout passes through, batch normalisation uses its running statistics.
 *
 * @param methods the names of its methods
 */
record TorchModule(String file, PtSymbolBlock block, NDManager weights, Set<String> methods) {

    private static final int MAX_LINES = 3;
    private static final int MAX_REASON = 300;

    /** How the interpreter begins the last lines of its messages. */
    private static final Pattern RAISED = Pattern.compile("^[\\w.]*(Error|Exception): ");

    /**
     * @param weights owns the module
     * @throws InvalidModelException when the file is no TorchScript, or a weight is not finite
     */
    static TorchModule load(NDManager weights, Path path) {
        String file = String.valueOf(path.getFileName());
        PtSymbolBlock block;
        try {
            // Without the last argument the weights would be inference tensors, through which no gradient flows to a
            // latent.
            block = JniUtils.loadModule((PtNDManager) weights, path, false, new String[0], new String[0], true);
        } catch (RuntimeException e) {
            throw new InvalidModelException(file, "no TorchScript: " + reason(e));
        }
        JniUtils.enableInferenceMode(block);
        freeze(file, block, weights);
        return new TorchModule(file, block, weights, Set.of(JniUtils.getMethodNames(block)));
    }

    private static void freeze(String file, PtSymbolBlock block, NDManager weights) {
        try (NDManager manager = weights.newSubManager();
                NDList parameters = JniUtils.moduleGetParams(block, (PtNDManager) manager)) {
            for (NDArray parameter : parameters) {
                parameter.setRequiresGradient(false);
                if (parameter.isNaN().any().getBoolean()) {
                    throw new InvalidModelException(file, "'%s' contains NaN".formatted(parameter.getName()));
                }
            }
        }
    }

    boolean has(String method) {
        return methods.contains(method);
    }

    /** @throws InvalidModelException when there is no such method */
    TorchMethod method(String name) {
        if (!has(name)) {
            throw new InvalidModelException(file, "has no method '%s'".formatted(name));
        }
        NDArray marker = weights.zeros(new Shape(0));
        marker.setName("module_method:" + name);
        return new TorchMethod(this, name, marker);
    }

    /**
     * What is wrong, in one line. PyTorch's messages begin with it and go on with stack traces, but for those of its interpreter,
     * which are stack traces that end with it.
     */
    static String reason(RuntimeException e) {
        List<String> lines = String.valueOf(e.getMessage())
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        String reason = lines.isEmpty() ? "" : lines.getFirst();
        for (int i = 0; i < lines.size(); i++) {
            if (RAISED.matcher(lines.get(i)).find()) {
                reason = String.join(" ", lines.subList(i, Math.min(i + MAX_LINES, lines.size())));
            }
        }
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "…";
    }
}
