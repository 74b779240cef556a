package io.github.latentdock.autoencoder;

/**
 * What it costs that a network decodes latents to something else than the examples: a sum over each example's values, written down as
 * TorchScript. Values that are missing cost nothing.
 *
 * @param masked whether values may be missing; the variable {@code mask} tells which
 */
record ReconstructionScript(Script script, Network network, boolean masked) {

    /** {@code |target - y|^2}. */
    String squares(String z, String target) {
        return perExample("torch.mul(%1$s, %1$s)".formatted(difference(z, target)));
    }

    /** {@code -log p(target | z)}. */
    String negativeLogLikelihood(Objective.Variational variational, String z, String target) {
        if (variational.likelihood() == Likelihood.BERNOULLI) {
            return crossEntropy(z, target);
        }
        String squares = squares(z, target);
        String count = masked ? perExample("mask") : String.valueOf((double) values());
        String half;
        if (variational.learnVariance()) {
            String logVariance = script.weight(ObjectiveScript.LOG_VARIANCE);
            half = "torch.add(torch.mul(%s, torch.exp(torch.neg(%s))), torch.mul(torch.add(%s, %s), %s))"
                    .formatted(squares, logVariance, logVariance, Math.log(2 * Math.PI), count);
        } else {
            double constant = Math.log(2 * Math.PI * variational.variance());
            half = masked
                    ? "torch.add(torch.div(%s, %s), torch.mul(%s, %s))"
                            .formatted(squares, variational.variance(), count, constant)
                    : "torch.add(torch.div(%s, %s), %s)"
                            .formatted(squares, variational.variance(), values() * constant);
        }
        return script.assign("torch.mul(%s, 0.5)".formatted(half));
    }

    private long values() {
        long values = 1;
        for (int dimension : network.inputShape()) {
            values *= dimension;
        }
        return values;
    }

    /** The binary cross-entropy, of the logits where the decoder ends with a sigmoid. */
    String crossEntropy(String z, String target) {
        String logits = network.decodeToLogits(script, z);
        if (logits == null) {
            throw new IllegalStateException("a decoder for the Bernoulli likelihood ends with a sigmoid");
        }
        return perExample("torch.binary_cross_entropy_with_logits(%s, %s, %s, None, 0)"
                .formatted(logits, target, masked ? "mask" : "None"));
    }

    /** Of an auto-decoder, whose latents are the variable {@code code}. */
    String coded(Objective.Loss loss) {
        return switch (loss) {
            case SQUARED -> squares("code", "target");
            case L1 -> perExample("torch.abs(%s)".formatted(difference("code", "target")));
            case LAPLACIAN -> pyramid(difference("code", "target"));
        };
    }

    /** Levels as in most implementations: what a blur takes away, and at last what is left (Burt and Adelson 1983). */
    private String pyramid(String difference) {
        int[] shape = network.inputShape();
        // Of an odd side the last row or column is a level's own: nothing is left out.
        int side = Math.min(shape[1], shape[2]);
        String level = difference;
        String sum = null;
        for (int j = 0; ; j++) {
            boolean last = side < 2 * Pyramid.SIZE;
            String detail = level;
            if (!last) {
                String blurred = script.assign(Pyramid.blur(level, shape[0]));
                detail = script.assign("torch.sub(%s, %s)".formatted(level, blurred));
                level = script.assign("torch.avg_pool2d(%s, [2, 2], [2, 2], [0, 0], True)".formatted(blurred));
            }
            String part = script.assign(
                    "torch.mul(%s, %s)".formatted(perExample("torch.abs(%s)".formatted(detail)), Math.pow(4, j)));
            sum = sum == null ? part : script.assign("torch.add(%s, %s)".formatted(sum, part));
            if (last) {
                return sum;
            }
            side = Math.ceilDiv(side, 2);
        }
    }

    /** 0 where a value is missing. */
    private String difference(String z, String target) {
        String difference = script.assign("torch.sub(%s, %s)".formatted(network.decode(script, z), target));
        return masked ? script.assign("torch.mul(%s, mask)".formatted(difference)) : difference;
    }

    /** {@code [n, …]} summed to {@code [n]}. */
    String perExample(String expression) {
        return script.assign("torch.sum(torch.flatten(%s, 1, -1), [1])".formatted(expression));
    }
}
