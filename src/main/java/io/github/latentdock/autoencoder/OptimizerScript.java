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

    private static final String NONE = "annotate(List[Tensor], [])";

    private final Optimizer optimizer;
    private final int parameters;
    private final CompiledScript script;

    /** @param parameters how many there are */
    OptimizerScript(Optimizer optimizer, int parameters, NDManager manager) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        this.script = CompiledScript.compile(source(), manager);
    }

    /** How many arrays of its shape a parameter needs between steps; they are 0 at first. */
    int moments() {
        return optimizer.moments();
    }

    private String source() {
        List<String> inputs = new ArrayList<>(List.of("rate", "count"));
        for (String kind : kinds()) {
            inputs.addAll(all().mapToObj(i -> kind + i).toList());
        }
        var script = new Script(inputs, true);
        if (parameters == 0) {
            return script.source("List[Tensor]", NONE);
        }
        List<String> gradients = optimizer.clip() > 0
                ? clipped(script)
                : all().mapToObj(i -> "g" + i).toList();
        String values = script.assign(list("p"));
        script.run(update(values, "[%s]".formatted(String.join(", ", gradients))));
        // What is not given back PyTorch would take for useless, and leave out.
        return script.source("List[Tensor]", values);
    }

    /** @param values a list */
    private String update(String values, String gradients) {
        double decay = optimizer.weightDecay();
        return switch (optimizer.type()) {
            case ADAM -> adam("_fused_adam_", values, gradients, decay);
            case ADAMW -> adam("_fused_adamw_", values, gradients, decay);
            case SGD ->
                "torch._fused_sgd_(%s, %s, %s, weight_decay=%s, momentum=%s, lr=rate, dampening=0., nesterov=False, maximize=False, is_first_step=False)"
                        .formatted(values, gradients, moments() > 0 ? list("m") : NONE, decay, optimizer.momentum());
        };
    }

    private String adam(String name, String values, String gradients, double decay) {
        String counts = all().mapToObj(i -> "count").collect(Collectors.joining(", ", "[", "]"));
        return "torch.%s(%s, %s, %s, %s, annotate(List[Tensor], []), %s, lr=rate, beta1=0.9, beta2=0.999, weight_decay=%s, eps=1.0e-08, amsgrad=False, maximize=False)"
                .formatted(name, values, gradients, list("m"), list("v"), counts, decay);
    }

    /** As torch.nn.utils.clip_grad_norm_. */
    private List<String> clipped(Script script) {
        String given = script.assign(list("g"));
        String norms = script.assign("torch.stack(torch._foreach_norm(%s, 2))".formatted(given));
        String scale = script.assign("torch.clamp(torch.div(%s, torch.add(torch.norm(%s, 2), 1.0e-06)), None, 1.0)"
                .formatted(script.assign("torch.full([], %s)".formatted(optimizer.clip())), norms));
        String clipped = script.assign("torch._foreach_mul(%s, %s)".formatted(given, scale));
        return all().mapToObj(i -> "unchecked_cast(Tensor, %s[%d])".formatted(clipped, i))
                .toList();
    }

    private List<String> kinds() {
        return List.of("p", "g", "m", "v").subList(0, 2 + moments());
    }

    private IntStream all() {
        return IntStream.range(0, parameters);
    }

    private String list(String kind) {
        return all().mapToObj(i -> kind + i).collect(Collectors.joining(", ", "[", "]"));
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
