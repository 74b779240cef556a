package io.github.latentdock.autoencoder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a network. Types, arguments, defaults, weights and results are those of {@code torch.nn}; {@link Combination}
 * has the two that are our own.
 */
sealed interface Layer permits Linear, Convolution, Normalization, Activation, Resampling, Reshaping, Combination {

    /**
     * A tensor that a layer needs.
     *
     * @param name as in the layer's {@code state_dict}, such as {@code weight} or {@code layers.0.bias}
     * @param role what is done with it
     * @param centre the mean of its values before training
     * @param spread how far from it they lie at most, uniformly distributed
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Weight(String name, int[] shape, Role role, double centre, double spread) {

        enum Role {
            /** Learned. */
            PARAMETER,
            /** Statistics that training collects. */
            BUFFER,
            /** Written by PyTorch, read by nobody: may be there or not. */
            IGNORED
        }

        /**
         * A weight, or a bias, of a layer that sums over what comes in: {@code ±1 / sqrt(fan_in)} before training, as in PyTorch
         * (LeCun et al. 1998).
         */
        static Weight ofSum(String name, long fanIn, int... shape) {
            return new Weight(name, shape, Role.PARAMETER, 0, 1 / Math.sqrt(fanIn));
        }

        static Weight ofNormalization(String name, double initial, int... shape) {
            return new Weight(name, shape, Role.PARAMETER, initial, 0);
        }

        static Weight buffer(String name, double initial, int... shape) {
            return new Weight(name, shape, Role.BUFFER, initial, 0);
        }

        Weight renamed(String other) {
            return new Weight(other, shape, role, centre, spread);
        }
    }

    /**
     * Works out the shape of a row from the shape of a row that comes in.
     *
     * @param site takes what does not fit together
     * @return null where no shape can be told
     */
    int @Nullable [] outputShape(int[] in, Site site);

    /** The tensors that the layer needs, in the order of its {@code state_dict}. */
    default List<Weight> weights() {
        return List.of();
    }

    /**
     * Writes the layer down as TorchScript.
     *
     * @param h the variable that holds what comes in, {@code [n, …in]}
     * @return an expression for what comes out
     */
    String expression(String h, int[] in, Script.Scope scope);
}
