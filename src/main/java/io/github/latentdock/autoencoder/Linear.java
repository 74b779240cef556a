package io.github.latentdock.autoencoder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code torch.nn.Linear}: {@code [n, …, in_features]} becomes {@code [n, …, out_features]}. */
record Linear(int inFeatures, int outFeatures, boolean bias) implements Layer {

    static Linear read(Arguments arguments) {
        return new Linear(
                arguments.count("in_features"), arguments.count("out_features"), arguments.flag("bias", true));
    }

    @Override
    public int @Nullable [] outputShape(int[] in, Site site) {
        if (in[in.length - 1] != inFeatures) {
            site.mismatch("in_features", inFeatures, in);
        }
        long[] out = new long[in.length];
        for (int i = 0; i < in.length; i++) {
            out[i] = i == in.length - 1 ? outFeatures : in[i];
        }
        return site.shape(out);
    }

    @Override
    public List<Weight> weights() {
        Weight weight = Weight.ofSum("weight", inFeatures, outFeatures, inFeatures);
        return bias ? List.of(weight, Weight.ofSum("bias", inFeatures, outFeatures)) : List.of(weight);
    }

    @Override
    public String expression(String h, int[] in, Script.Scope scope) {
        return "torch.linear(%s, %s, %s)".formatted(h, scope.weight("weight"), bias ? scope.weight("bias") : "None");
    }
}
