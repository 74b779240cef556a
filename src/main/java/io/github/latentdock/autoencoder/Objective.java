package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What training minimises: the mean over examples of {@code loss = recon_loss + reg_loss}. Each is a sum over the values of an
 * example or of its latent, never a mean, so that both are in one unit. Values that are missing do not count.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Objective.Ae.class, name = "ae"),
    @JsonSubTypes.Type(value = Objective.Dae.class, name = "dae"),
    @JsonSubTypes.Type(value = Objective.Vae.class, name = "vae"),
    @JsonSubTypes.Type(value = Objective.BetaVae.class, name = "beta-vae"),
    @JsonSubTypes.Type(value = Objective.SkipVae.class, name = "skip-vae"),
    @JsonSubTypes.Type(value = Objective.MlVae.class, name = "ml-vae"),
    @JsonSubTypes.Type(value = Objective.Ad.class, name = "ad"),
    @JsonSubTypes.Type(value = Objective.Vad.class, name = "vad")
})
public sealed interface Objective {

    /** The kind of model that is trained. */
    Kind kind();

    Likelihood likelihood();

    /** What is wrong with the numbers, by their paths such as {@code objective.beta}. */
    List<Fault> faults();

    /**
     * An autoencoder (Hinton and Salakhutdinov 2006): {@code |x - y|^2}, or the cross-entropy, with {@code y = decode(encode(x))};
     * {@code reg_loss = sparsity * |z|_1}.
     */
    record Ae(Likelihood likelihood, double sparsity) implements Objective {

        @JsonCreator
        static Ae of(@Nullable Likelihood likelihood, @Nullable Double sparsity) {
            return new Ae(gaussian(likelihood), or(sparsity, 0));
        }

        @Override
        public Kind kind() {
            return Kind.AE;
        }

        @Override
        public List<Fault> faults() {
            return new Bounds("objective").least("sparsity", sparsity, 0).faults();
        }
    }

    /** A denoising autoencoder (Vincent et al. 2010): as {@link Ae}, but {@code y = decode(encode(noise(x)))}. */
    record Dae(Likelihood likelihood, double sparsity, Corruption noise) implements Objective {

        @JsonCreator
        static Dae of(
                @Nullable Likelihood likelihood,
                @Nullable Double sparsity,
                @JsonProperty(required = true) Corruption noise) {
            return new Dae(gaussian(likelihood), or(sparsity, 0), Objects.requireNonNull(noise, "noise"));
        }

        @Override
        public Kind kind() {
            return Kind.AE;
        }

        @Override
        public List<Fault> faults() {
            List<Fault> faults =
                    new Bounds("objective").least("sparsity", sparsity, 0).faults();
            faults.addAll(noise.faults());
            return faults;
        }
    }

    /**
     * A variational autoencoder (Kingma and Welling 2014): {@code -log p(x | z) + KL(q(z | x) || N(0, I))} with one
     * {@code z = mean + exp(log_variance / 2) * eps} per example. The Gaussian likelihood has a variance that is fixed, or learned
     * and the same for all values: the mean squared error of the last batches, which is the likeliest (Rybkin et al. 2021, "Simple and
     * effective VAE training with calibrated decoders").
     */
    record Vae(Likelihood likelihood, double variance, boolean learnVariance) implements Variational {

        @JsonCreator
        static Vae of(@Nullable Likelihood likelihood, @Nullable Double variance, @Nullable Boolean learnVariance) {
            return new Vae(bernoulli(likelihood), or(variance, 1), Boolean.TRUE.equals(learnVariance));
        }

        @Override
        public double beta() {
            return 1;
        }
    }

    /**
     * A beta-VAE (Higgins et al. 2017): as {@link Vae}, with {@code beta} times the divergence. During the first {@code warmup} epochs
     * the weight rises from 0 to beta (Sønderby et al. 2016).
     */
    record BetaVae(Likelihood likelihood, double variance, boolean learnVariance, double beta, double warmup)
            implements Variational {

        @JsonCreator
        static BetaVae of(
                @Nullable Likelihood likelihood,
                @Nullable Double variance,
                @Nullable Boolean learnVariance,
                @Nullable Double beta,
                @Nullable Double warmup) {
            return new BetaVae(
                    bernoulli(likelihood),
                    or(variance, 1),
                    Boolean.TRUE.equals(learnVariance),
                    or(beta, 4),
                    or(warmup, 0));
        }

        @Override
        public List<Fault> faults() {
            return ofLikelihood(this)
                    .least("beta", beta, 0)
                    .least("warmup", warmup, 0)
                    .faults();
        }
    }

    /**
     * A Skip-VAE (Dieng et al. 2019): as {@link Vae}, with a decoder that is fed z again at every layer, so that the latent does not
     * collapse. The presets put the {@code Skip} layers in; a network that is declared layer by layer must have one.
     */
    record SkipVae(Likelihood likelihood, double variance, boolean learnVariance) implements Variational {

        @JsonCreator
        static SkipVae of(@Nullable Likelihood likelihood, @Nullable Double variance, @Nullable Boolean learnVariance) {
            return new SkipVae(bernoulli(likelihood), or(variance, 1), Boolean.TRUE.equals(learnVariance));
        }

        @Override
        public double beta() {
            return 1;
        }
    }

    /**
     * A multi-level VAE (Bouchacourt et al. 2018): the first {@code group} values of a latent belong to the whole group of an example,
     * the others, its style, to the example. The group's posterior is the product of its members' Gaussians in the batch (equation 8);
     * its divergence counts once per group.
     *
     * @param group how many values of the latent are the group's
     */
    record MlVae(Likelihood likelihood, double variance, boolean learnVariance, double beta, int group)
            implements Variational {

        @JsonCreator
        static MlVae of(
                @Nullable Likelihood likelihood,
                @Nullable Double variance,
                @Nullable Boolean learnVariance,
                @Nullable Double beta,
                @Nullable Integer group) {
            return new MlVae(
                    bernoulli(likelihood),
                    or(variance, 1),
                    Boolean.TRUE.equals(learnVariance),
                    or(beta, 1),
                    group == null ? 0 : group);
        }

        @Override
        public List<Fault> faults() {
            return ofLikelihood(this)
                    .least("beta", beta, 0)
                    .check(
                            "group",
                            group,
                            group >= 1,
                            "given: how many values of the latent are the group's, at least 1")
                    .faults();
        }
    }

    /** Where codes start from. */
    enum Codes {
        /** The principal components of the examples, each scaled to variance 1. */
        @JsonProperty("pca")
        PCA,
        /** The standard normal distribution. */
        @JsonProperty("random")
        RANDOM
    }

    /** What an auto-decoder's reconstruction costs. */
    enum Loss {
        /** {@code |x - y|^2}. */
        @JsonProperty("squared")
        SQUARED,
        /** {@code |x - y|_1}. */
        @JsonProperty("l1")
        L1,
        /** The L1 norms of the levels j of a Laplacian pyramid of x - y, each times {@code 2^(2j)} (Bojanowski et al. 2018). */
        @JsonProperty("laplacian")
        LAPLACIAN
    }

    /**
     * An auto-decoder (GLO, Bojanowski et al. 2018; DeepSDF, Park et al. 2019): no encoder; every example has a code z of its own that
     * is learned with the decoder. {@code recon_loss = loss(x, decode(z))}, {@code reg_loss = prior * |z|^2}.
     *
     * @param prior 0.01 when it is left out, or 0 with the ball, which takes its place
     * @param ball keeps codes in the unit ball: after every step a longer one is cut to length 1, and test-time optimisation searches
     *     only there
     */
    record Ad(double prior, Codes codes, double codeLearningRate, boolean ball, Loss loss) implements Coded {

        @JsonCreator
        static Ad of(
                @Nullable Double prior,
                @Nullable Codes codes,
                @Nullable Double codeLearningRate,
                @Nullable Boolean ball,
                @Nullable Loss loss) {
            return new Ad(
                    or(prior, Boolean.TRUE.equals(ball) ? 0 : 0.01),
                    codes == null ? Codes.PCA : codes,
                    or(codeLearningRate, 0.05),
                    Boolean.TRUE.equals(ball),
                    loss == null ? Loss.SQUARED : loss);
        }

        @Override
        public Kind kind() {
            return Kind.AD;
        }

        @Override
        public Likelihood likelihood() {
            return Likelihood.GAUSSIAN;
        }

        @Override
        public List<Fault> faults() {
            return new Bounds("objective")
                    .least("prior", prior, 0)
                    .more("codeLearningRate", codeLearningRate, 0)
                    .faults();
        }
    }

    /**
     * A variational auto-decoder (Zadeh et al. 2019): as {@link Vae}, but each example's mean and log-variance are learned with the
     * decoder instead of computed by an encoder, so that incomplete examples need no imputation.
     */
    record Vad(
            Likelihood likelihood,
            double variance,
            boolean learnVariance,
            double beta,
            Codes codes,
            double codeLearningRate)
            implements Variational, Coded {

        @JsonCreator
        static Vad of(
                @Nullable Likelihood likelihood,
                @Nullable Double variance,
                @Nullable Boolean learnVariance,
                @Nullable Double beta,
                @Nullable Codes codes,
                @Nullable Double codeLearningRate) {
            return new Vad(
                    bernoulli(likelihood),
                    or(variance, 1),
                    Boolean.TRUE.equals(learnVariance),
                    or(beta, 1),
                    codes == null ? Codes.PCA : codes,
                    or(codeLearningRate, 0.05));
        }

        @Override
        public Kind kind() {
            return Kind.AD;
        }

        @Override
        public List<Fault> faults() {
            return ofLikelihood(this)
                    .least("beta", beta, 0)
                    .more("codeLearningRate", codeLearningRate, 0)
                    .faults();
        }
    }

    /** An objective with a posterior. */
    sealed interface Variational extends Objective permits Vae, BetaVae, SkipVae, MlVae, Vad {

        /** The weight of the divergence. */
        double beta();

        /** Of the Gaussian likelihood; where training starts from if it is learned. */
        double variance();

        boolean learnVariance();

        @Override
        default List<Fault> faults() {
            return ofLikelihood(this).faults();
        }

        /** The same with the divergence's own weight, 1: the negative ELBO. */
        default Objective plain() {
            return this instanceof MlVae multiLevel
                    ? new MlVae(likelihood(), variance(), learnVariance(), 1, multiLevel.group())
                    : new Vae(likelihood(), variance(), learnVariance());
        }

        /** Epochs in which the divergence's weight rises from 0. */
        default double warmup() {
            return 0;
        }

        @Override
        default Kind kind() {
            return Kind.VAE;
        }
    }

    /** An objective of an auto-decoder: a code for every example. */
    sealed interface Coded extends Objective permits Ad, Vad {

        /** Where they start from. */
        Codes codes();

        double codeLearningRate();
    }

    /** Probabilities have no variance: it would be given in vain. */
    private static Bounds ofLikelihood(Variational objective) {
        var bounds = new Bounds("objective");
        double variance = objective.variance();
        return objective.likelihood() == Likelihood.GAUSSIAN
                ? bounds.more("variance", variance, 0)
                : bounds.check("variance", variance, variance == 1, "left out, unless likelihood is gaussian")
                        .not("learnVariance", objective.learnVariance(), "likelihood is gaussian");
    }

    private static Likelihood gaussian(@Nullable Likelihood given) {
        return given == null ? Likelihood.GAUSSIAN : given;
    }

    private static Likelihood bernoulli(@Nullable Likelihood given) {
        return given == null ? Likelihood.BERNOULLI : given;
    }

    private static double or(@Nullable Double given, double otherwise) {
        return given == null ? otherwise : given;
    }
}
