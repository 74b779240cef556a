package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How weights follow their gradients; the updates are PyTorch's.
 *
 * @param learningRate of the first step
 * @param weightDecay of AdamW; of the others the weight of an L2 norm; a learned variance of the likelihood does not decay
 * @param momentum of SGD
 * @param clip the largest norm of all weights' gradients together, those of codes left out; 0 for no bound
 */
public record Optimizer(
        Type type, double learningRate, Schedule schedule, double weightDecay, double momentum, double clip) {

    /** The rule. */
    public enum Type {
        /** Kingma and Ba 2015, with its betas 0.9 and 0.999 and epsilon 1e-8. */
        @JsonProperty("adam")
        ADAM,
        /** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
        @JsonProperty("adamw")
        ADAMW,
        /** Stochastic gradient descent with momentum. */
        @JsonProperty("sgd")
        SGD
    }

    /** How the learning rate changes from step to step. */
    public enum Schedule {
        @JsonProperty("constant")
        CONSTANT,
        /** Falls to 0 along half a cosine over all steps (Loshchilov and Hutter 2017). */
        @JsonProperty("cosine")
        COSINE
    }

    /** Adam at 1e-3. */
    public static final Optimizer DEFAULT = of(null, null, null, null, null, null);

    @JsonCreator
    static Optimizer of(
            @Nullable Type type,
            @Nullable Double learningRate,
            @Nullable Schedule schedule,
            @Nullable Double weightDecay,
            @Nullable Double momentum,
            @Nullable Double clip) {
        Type rule = type == null ? Type.ADAM : type;
        return new Optimizer(
                rule,
                learningRate == null ? 1e-3 : learningRate,
                schedule == null ? Schedule.CONSTANT : schedule,
                weightDecay != null ? weightDecay : rule == Type.ADAMW ? 0.01 : 0,
                momentum == null ? 0 : momentum,
                clip == null ? 0 : clip);
    }

    /** The learning rate of a step, as a share of the first one's. */
    double rate(long step, long steps) {
        return switch (schedule) {
            case CONSTANT -> 1;
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * step / Math.max(1, steps)));
        };
    }

    /** How many arrays of its shape a weight needs between steps; they are 0 at first. */
    int moments() {
        return switch (type) {
            case ADAM, ADAMW -> 2;
            case SGD -> momentum > 0 ? 1 : 0;
        };
    }

    /** What is wrong with the numbers, by their paths. */
    public List<Fault> faults() {
        return new Bounds("optimizer")
                .more("learningRate", learningRate, 0)
                .least("weightDecay", weightDecay, 0)
                .check("momentum", momentum, momentum >= 0 && momentum < 1, "from 0 to less than 1")
                .check("momentum", momentum, momentum == 0 || type == Type.SGD, "left out unless the type is sgd")
                .least("clip", clip, 0)
                .faults();
    }
}
