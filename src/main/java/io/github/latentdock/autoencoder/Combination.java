package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers that bring two things together. PyTorch has no modules for them: a {@code forward} of a few words does the same. */
sealed interface Combination extends Layer {

    /**
     * Feeds the latent z again to a layer of the decoder: {@code h + W z}, per channel where h is {@code [n, c, h, w]}
     * (Skip-VAE, Dieng et al. 2019, "Avoiding Latent Variable Collapse with Generative Skip Models").
     */
    record Skip(int latentFeatures, int features) implements Combination {

        static Skip read(Arguments arguments, Site site, int @Nullable [] latent) {
            var layer = new Skip(arguments.count("latent_features"), arguments.count("features"));
            if (latent == null) {
                site.fault("is only for decoders");
            } else if (latent.length != 1) {
                site.fault("needs a latent that is a vector, but it has shape " + Arrays.toString(latent));
            } else if (latent[0] != layer.latentFeatures) {
                site.fault(
                        "latent_features",
                        "%d, but the latent has %d values".formatted(layer.latentFeatures, latent[0]));
            }
            return layer;
        }

        @Override
        public int @Nullable [] outputShape(int[] in, Site site) {
            if (in.length != 1 && in.length != 3) {
                site.mismatch("[features] or [channels, height, width]", in);
                return null;
            }
            if (in[0] != features) {
                site.mismatch("features", features, in);
            }
            return in;
        }

        @Override
        public List<Weight> weights() {
            return List.of(Weight.ofSum("weight", latentFeatures, features, latentFeatures));
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            String skipped = "torch.linear(%s, %s, None)".formatted(scope.input(), scope.weight("weight"));
            return in.length == 1
                    ? "torch.add(%s, %s)".formatted(h, skipped)
                    : "torch.add(%s, torch.unsqueeze(torch.unsqueeze(%s, -1), -1))".formatted(h, skipped);
        }
    }

    /** {@code x + f(x)} (He et al. 2016), f being layers that give back the shape they get. */
    record Residual(List<Layer> layers) implements Combination {

        @Override
        public int[] outputShape(int[] in, Site site) {
            int[] out = Layers.outputShape(
                    layers, in, new Site(site.path() + ".layers", "the layer around it gets", site.faults()));
            if (out != null && !Arrays.equals(in, out)) {
                site.fault(
                        "layers",
                        "give %s, but must give back what they get: %s".formatted(Site.words(out), Site.words(in)));
            }
            return in;
        }

        @Override
        public List<Weight> weights() {
            List<Weight> weights = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                for (Weight weight : layers.get(i).weights()) {
                    weights.add(weight.renamed("layers.%d.%s".formatted(i, weight.name())));
                }
            }
            return weights;
        }

        @Override
        public String expression(String h, int[] in, Script.Scope scope) {
            return "torch.add(%s, %s)".formatted(h, Layers.write(layers, h, in, scope.within("layers")));
        }
    }
}
