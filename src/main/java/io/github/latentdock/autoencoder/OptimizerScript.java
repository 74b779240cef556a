package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** An optimiser's step for all parameters in one native call, by PyTorch's own fused kernels. */
final class OptimizerScript implements AutoCloseable {

    private final Optimizer optimizer;
    private final int parameters;
    private final CompiledScript script;

    OptimizerScript(Optimizer optimizer, int parameters, NDManager manager) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        this.script = CompiledScript.compile(source(), manager);
    }

    /** How many arrays of its shape a parameter needs between steps; they are 0 at first. */
    int moments() {
        return switch (optimizer.type()) {
            case ADAM, ADAMW -> 2;
            case SGD -> optimizer.momentum() > 0 ? 1 : 0;
        };
    }

    private String source() {
        List<String> inputs = new ArrayList<>(List.of("rate", "count"));
        for (String kind : kinds()) {
            inputs.addAll(variables(kind));
        }
        var script = new Script(inputs, true);
        String updated = script.assign(list("p"));
        String gradients = script.assign(list("g"));
        if (optimizer.clip() > 0) {
            gradients = clipped(script, gradients);
        }
        String call = switch (optimizer.type()) {
            case ADAM -> adam("_fused_adam_", updated, gradients);
            case ADAMW -> adam("_fused_adamw_", updated, gradients);
            case SGD ->
                "torch._fused_sgd_(%s, %s, %s, weight_decay=%s, momentum=%s, lr=rate, dampening=0., nesterov=False, maximize=False, is_first_step=False)"
                        .formatted(
                                updated,
                                gradients,
                                moments() > 0 ? list("m") : "annotate(List[Tensor], [])",
                                optimizer.weightDecay(),
                                optimizer.momentum());
        };
        script.run(call);
        // What is not given back PyTorch would take for useless, and leave out.
        return script.source("List[Tensor]", updated);
    }

    private String adam(String name, String updated, String gradients) {
        String counts =
                IntStream.range(0, parameters).mapToObj(i -> "count").collect(Collectors.joining(", ", "[", "]"));
        return "torch.%s(%s, %s, %s, %s, annotate(List[Tensor], []), %s, lr=rate, beta1=0.9, beta2=0.999, weight_decay=%s, eps=1.0e-08, amsgrad=False, maximize=False)"
                .formatted(name, updated, gradients, list("m"), list("v"), counts, optimizer.weightDecay());
    }

    /** As torch.nn.utils.clip_grad_norm_. */
    private String clipped(Script script, String gradients) {
        String norms = script.assign("torch.stack(torch._foreach_norm(%s, 2))".formatted(gradients));
        String scale = script.assign("torch.clamp(torch.div(%s, torch.add(torch.norm(%s, 2), 1.0e-06)), None, 1.0)"
                .formatted(script.assign("torch.full([], %s)".formatted(optimizer.clip())), norms));
        return script.assign("torch._foreach_mul(%s, %s)".formatted(gradients, scale));
    }

    private List<String> kinds() {
        return List.of("p", "g", "m", "v").subList(0, 2 + moments());
    }

    private List<String> variables(String kind) {
        return IntStream.range(0, parameters).mapToObj(i -> kind + i).toList();
    }

    private String list(String kind) {
        return "[" + String.join(", ", variables(kind)) + "]";
    }

    /**
     * Changes parameters and moments in place.
     *
     * @param rate the learning rate
     * @param count of steps, this one included
     * @param moments as many lists as {@link #moments()} says
     */
    void step(
            NDManager pass,
            double rate,
            long count,
            List<NDArray> values,
            List<NDArray> gradients,
            List<List<NDArray>> moments) {
        var arguments = new NDList(pass.create((float) rate), pass.create((float) count));
        arguments.addAll(values);
        arguments.addAll(gradients);
        moments.forEach(arguments::addAll);
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            script.run(arguments);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    @Override
    public void close() {
        script.close();
    }
}
