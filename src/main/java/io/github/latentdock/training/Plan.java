package io.github.latentdock.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.latentdock.autoencoder.EarlyStopping;
import io.github.latentdock.autoencoder.Objective;
import io.github.latentdock.autoencoder.Optimizer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to train and how, with all defaults written out: the same plan on the same data gives the same weights.
 *
 * @param model the model that gets a new version
 * @param dataset the name of the data set; which one that was, its digest tells
 * @param network a preset such as {@code {"preset": "mlp", "hidden": [400], "latent": 20}}, or the manifest's lists of layers
 * @param batchSize examples in a batch; the last one of an epoch may have fewer, or one more
 * @param seed of everything random
 * @param earlyStopping null to train all epochs
 * @param parent the version to go on from, such as {@code fashion-vae@3}; null for none
 * @param freeze the half whose weights stay the parent's; null for none
 * @param keepCodes how many codes of the training's examples stay with the version; null for all of an auto-decoder's, of the others
 *     for 4096, or fewer of large latents
 * @param alias what shall stand for the new version; null for nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Plan(
        String model,
        String dataset,
        Validation validation,
        Objective objective,
        Map<String, Object> network,
        Optimizer optimizer,
        int epochs,
        int batchSize,
        long seed,
        @Nullable EarlyStopping earlyStopping,
        @Nullable String parent,
        @Nullable Freeze freeze,
        @Nullable Integer keepCodes,
        @Nullable String alias) {

    /** The same without what it goes on from. */
    Plan withoutParent() {
        return with(validation, null);
    }

    /** The same with a share held out that is no larger. */
    Plan holdingOutAtMost(double fraction) {
        return with(new Validation(Math.min(validation.fraction(), fraction)), parent);
    }

    private Plan with(Validation held, @Nullable String from) {
        return new Plan(
                model,
                dataset,
                held,
                objective,
                network,
                optimizer,
                epochs,
                batchSize,
                seed,
                earlyStopping,
                from,
                freeze,
                keepCodes,
                alias);
    }

    /**
     * What is held out to judge by.
     *
     * @param fraction the share of the examples, from 0 to 0.9
     */
    record Validation(double fraction) {}

    /** What stays as it was in the parent. */
    enum Freeze {
        /** Only codes are learned. */
        @JsonProperty("decoder")
        DECODER
    }
}
