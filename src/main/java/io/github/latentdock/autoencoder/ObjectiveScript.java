package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.List;

/**
 * An objective of a network, written down as one TorchScript over a batch of n examples: what is lost, and the gradients of it. The
 * expressions follow the equations at {@link Objective}'s types.
 */
final class ObjectiveScript {

    /** What the function takes before the weights, in the order of {@link #inputs}. */
    enum Input {
        /** What is encoded {@code [n, …input shape]}. */
        X("x"),
        /** What is to be reconstructed, where it is not x {@code [n, …input shape]}. */
        TARGET("target"),
        /** 1 where a value was observed, 0 where it is missing {@code [n, …input shape]}. */
        MASK("mask"),
        /** Standard normal noise {@code [n, …latent shape]}; a group's members have the same for the group's part. */
        NOISE("eps"),
        /** The weight of the divergence, a number. */
        BETA("beta"),
        /** 1 where an example belongs to a group, 0 elsewhere {@code [groups, n]}. */
        MEMBERS("members"),
        /** Codes, or their means, which are learned as well {@code [n, …latent shape]}. */
        CODE("code"),
        /** The codes' log-variances, which are learned as well {@code [n, …latent shape]}. */
        CODE_LOG_VARIANCE("code_log_variance"),
        /** The filter of a Laplacian pyramid {@code [channels, 1, 5, 5]}. */
        BLUR("blur");

        final String variable;

        Input(String variable) {
            this.variable = variable;
        }
    }

    /** The key of the decoder's learned log-variance, a parameter that is none of the network's. */
    static final String LOG_VARIANCE = "likelihood.log_variance";

    private final Objective objective;
    private final Network network;
    private final ReconstructionScript reconstruction;
    private final List<Input> inputs = new ArrayList<>();
    private final Script script;
    private final List<String> learned = new ArrayList<>();
    private final String source;

    /** Layers train where gradients come out. */
    ObjectiveScript(Objective objective, Network network, boolean masked, boolean training) {
        this(objective, network, masked, training, training);
    }

    /**
     * @param masked whether values may be missing
     * @param training whether gradients come out, and losses are means; otherwise there are two results, each {@code [n]}: every
     *     example's reconstruction loss and its divergence or penalty
     * @param layersTrain whether batch normalisation uses the batch's statistics and collects them, dropout drops, and the gradients of
     *     weights come out; otherwise only those of codes do
     */
    ObjectiveScript(Objective objective, Network network, boolean masked, boolean training, boolean layersTrain) {
        this.objective = objective;
        this.network = network;
        takes(objective, masked);
        this.script = new Script(inputs.stream().map(input -> input.variable).toList(), layersTrain);
        this.reconstruction = new ReconstructionScript(script, network, masked);
        Parts parts = parts();
        if (!training) {
            this.source = script.source(List.of(parts.recon, parts.reg));
            return;
        }
        String recon = script.assign("torch.mean(%s)".formatted(parts.recon));
        String reg = script.assign("torch.mean(%s)".formatted(parts.reg));
        if (inputs.contains(Input.BETA)) {
            reg = script.assign("torch.mul(%s, beta)".formatted(reg));
        }
        String loss = script.assign("torch.add(%s, %s)".formatted(recon, reg));
        this.source = script.source(results(loss, recon, reg, layersTrain));
    }

    /** A sum for each example. */
    private record Parts(String recon, String reg) {}

    private void takes(Objective given, boolean masked) {
        if (given.kind() != Kind.AD) {
            inputs.add(Input.X);
        }
        if (given.kind() == Kind.AD || given instanceof Objective.Dae) {
            inputs.add(Input.TARGET);
        }
        if (masked) {
            inputs.add(Input.MASK);
        }
        if (given instanceof Objective.Variational) {
            inputs.add(Input.NOISE);
            inputs.add(Input.BETA);
        }
        switch (given) {
            case Objective.MlVae ignored -> inputs.add(Input.MEMBERS);
            case Objective.Vad ignored -> inputs.addAll(List.of(Input.CODE, Input.CODE_LOG_VARIANCE));
            case Objective.Ad ad -> {
                inputs.add(Input.CODE);
                if (ad.loss() == Objective.Loss.LAPLACIAN) {
                    inputs.add(Input.BLUR);
                }
            }
            case Objective.Ae ignored -> {}
            case Objective.Dae ignored -> {}
            case Objective.Vae ignored -> {}
            case Objective.BetaVae ignored -> {}
            case Objective.SkipVae ignored -> {}
        }
    }

    List<Input> inputs() {
        return inputs;
    }

    Script script() {
        return script;
    }

    String source() {
        return source;
    }

    /** The keys of the parameters whose gradients come after loss, recon_loss and reg_loss; those of learned inputs come last. */
    List<String> learned() {
        return learned;
    }

    private Parts parts() {
        return switch (objective) {
            case Objective.Ae ae -> encoded("x", ae.likelihood(), ae.sparsity());
            case Objective.Dae dae -> encoded("target", dae.likelihood(), dae.sparsity());
            case Objective.Ad ad -> {
                String penalty = reconstruction.perExample("torch.mul(code, code)");
                yield new Parts(
                        reconstruction.coded(ad.loss()),
                        script.assign("torch.mul(%s, %s)".formatted(penalty, ad.prior())));
            }
            case Objective.MlVae multiLevel -> grouped(multiLevel);
            case Objective.Vad vad -> drawn(vad, "target", "code", "code_log_variance");
            case Objective.Variational variational -> {
                List<String> posterior = network.encode(script, "x");
                yield drawn(variational, "x", posterior.getFirst(), posterior.getLast());
            }
        };
    }

    private Parts encoded(String target, Likelihood likelihood, double sparsity) {
        String z = network.encode(script, "x").getFirst();
        String recon = likelihood == Likelihood.BERNOULLI
                ? reconstruction.crossEntropy(z, target)
                : reconstruction.squares(z, target);
        String size = reconstruction.perExample("torch.abs(%s)".formatted(z));
        return new Parts(recon, script.assign("torch.mul(%s, %s)".formatted(size, sparsity)));
    }

    private Parts drawn(Objective.Variational variational, String target, String mean, String logVariance) {
        String z = draw(mean, logVariance);
        return new Parts(reconstruction.negativeLogLikelihood(variational, z, target), divergence(mean, logVariance));
    }

    private String draw(String mean, String logVariance) {
        String deviation = script.assign("torch.exp(torch.mul(%s, 0.5))".formatted(logVariance));
        return script.assign("torch.add(%s, torch.mul(%s, eps))".formatted(mean, deviation));
    }

    /** KL(N(mean, exp(log_variance)) || N(0, I)) (Kingma and Welling 2014, appendix B). */
    private String divergence(String mean, String logVariance) {
        String sum = reconstruction.perExample(
                "torch.sub(torch.add(torch.exp(%2$s), torch.mul(%1$s, %1$s)), torch.add(%2$s, 1.))"
                        .formatted(mean, logVariance));
        return script.assign("torch.mul(%s, 0.5)".formatted(sum));
    }

    /** The group's posterior is the product of its members' Gaussians (Bouchacourt et al. 2018, equation 8). */
    private Parts grouped(Objective.MlVae objective) {
        List<String> posterior = network.encode(script, "x");
        int group = objective.group();
        String own = columns(posterior.getLast(), 0, group);
        // Precisions are told as parts of the group's largest, for exp may overflow, and then 0 * infinity would spoil
        // every group.
        // The gradient knows nothing of the scale, which cancels out.
        String number = script.assign("torch.argmax(members, 0)");
        String numbers = script.assign("torch.expand_as(torch.unsqueeze(%s, 1), %s)".formatted(number, own));
        String least = script.assign(
                "torch.scatter_reduce(torch.matmul(members, torch.zeros_like(%1$s)), 0, %2$s, torch.detach(%1$s), \"amin\", include_self=False)"
                        .formatted(own, numbers));
        String precision =
                script.assign("torch.exp(torch.sub(torch.index_select(%s, 0, %s), %s))".formatted(least, number, own));
        String total = script.assign("torch.matmul(members, %s)".formatted(precision));
        String mean = script.assign("torch.div(torch.matmul(members, torch.mul(%s, %s)), %s)"
                .formatted(columns(posterior.getFirst(), 0, group), precision, total));
        String logVariance = script.assign("torch.sub(%s, torch.log(%s))".formatted(least, total));
        // Back from groups to their members.
        String memberMean = script.assign("torch.matmul(torch.t(members), %s)".formatted(mean));
        String memberLogVariance = script.assign("torch.matmul(torch.t(members), %s)".formatted(logVariance));
        String style = columns(posterior.getFirst(), group, Integer.MAX_VALUE);
        String styleLogVariance = columns(posterior.getLast(), group, Integer.MAX_VALUE);
        String z = draw(
                script.assign("torch.cat([%s, %s], 1)".formatted(memberMean, style)),
                script.assign("torch.cat([%s, %s], 1)".formatted(memberLogVariance, styleLogVariance)));
        // The group's divergence, once: an equal share to each member.
        String shares =
                script.assign("torch.div(%s, torch.sum(members, [1]))".formatted(divergence(mean, logVariance)));
        String groupShare = script.assign("torch.matmul(torch.t(members), %s)".formatted(shares));
        return new Parts(
                reconstruction.negativeLogLikelihood(objective, z, "x"),
                script.assign("torch.add(%s, %s)".formatted(groupShare, divergence(style, styleLogVariance))));
    }

    private String columns(String of, int from, int to) {
        return script.assign("torch.slice(%s, 1, %d, %d)".formatted(of, from, to));
    }

    private List<String> results(String loss, String recon, String reg, boolean layersTrain) {
        var parameters = network.parameters().keySet();
        List<String> variables = new ArrayList<>();
        for (String key : script.weights()) {
            if (layersTrain && (parameters.contains(key) || key.equals(LOG_VARIANCE))) {
                learned.add(key);
                variables.add(script.weight(key));
            }
        }
        inputs.stream()
                .filter(input -> input == Input.CODE || input == Input.CODE_LOG_VARIANCE)
                .forEach(input -> variables.add(input.variable));
        String gradients = script.assign("torch.grad([%s], [%s])".formatted(loss, String.join(", ", variables)));
        var results = new ArrayList<>(List.of(loss, recon, reg));
        for (int i = 0; i < variables.size(); i++) {
            results.add(script.assign("unchecked_cast(Tensor, %s[%d])".formatted(gradients, i)));
        }
        return results;
    }
}
