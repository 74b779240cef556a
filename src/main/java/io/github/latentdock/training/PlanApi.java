package io.github.latentdock.training;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Documents plans: what is sent and what is answered are one schema, of whose fields most may be left out when it is sent. */
@Component
@ConditionalOnTraining
final class PlanApi implements GlobalOpenApiCustomizer {

    private static final String NAME = "Plan";

    private static final String EXAMPLE = """
            {"model": "fashion-beta-vae", "dataset": "fashion-mnist-sample",
             "objective": {"type": "beta-vae", "beta": 4.0, "likelihood": "bernoulli"},
             "network": {"preset": "mlp", "hidden": [400], "latent": 20},
             "optimizer": {"type": "adam", "learningRate": 0.001},
             "epochs": 10, "batchSize": 128, "seed": 7, "earlyStopping": {"patience": 3}, "alias": "canary"}
            """;

    private static final String EVENTS = """
            retry: 1000

            id: 41
            event: epoch
            data: {"epoch":3,"training":{"loss":241.7,"reconLoss":216.2,"regLoss":25.5},"seconds":4.1,"imagesPerSecond":13170.2,"ended":"2026-03-01T12:00:09Z"}

            id: 42
            event: progress
            data: {"status":"RUNNING","epochs":10,"epoch":3,"stepsPerEpoch":422,"step":51,"losses":{"loss":240.9,"reconLoss":215.1,"regLoss":25.8},"imagesPerSecond":13121.0,"secondsLeft":28.6}

            """;

    static {
        Schema<?> reference = new Schema<>().$ref("#/components/schemas/" + NAME);
        SpringDocUtils.getConfig()
                .replaceWithSchema(Plan.class, reference)
                .replaceWithSchema(PlanRequest.class, reference);
    }

    @Override
    public void customise(OpenAPI api) {
        api.getComponents().addSchemas(NAME, plan());
        // Its Javadoc speaks of types that clients do not know.
        Objects.requireNonNull(api.getComponents().getSchemas().get("Losses"))
                .description("Means over examples, in the unit of the objective")
                .required(List.of("loss", "reconLoss", "regLoss"));
        for (PathItem item : api.getPaths().values()) {
            for (Operation operation : item.readOperations()) {
                document(operation);
            }
        }
    }

    private static void document(Operation operation) {
        switch (operation.getOperationId()) {
            case "createTraining" ->
                media(operation.getRequestBody().getContent().get("application/json"))
                        .addExamples(
                                "createTraining",
                                new Example()
                                        .summary("A beta-VAE")
                                        .description("On the thousand pictures that are shipped")
                                        .value(JsonMapper.shared().readValue(EXAMPLE, Map.class)));
            case "watchTraining" ->
                media(Objects.requireNonNull(operation.getResponses().get("200"))
                                .getContent()
                                .get("text/event-stream"))
                        .setExample(EVENTS);
            default -> {}
        }
    }

    private static MediaType media(@Nullable MediaType documented) {
        return Objects.requireNonNull(documented);
    }

    private static Schema<?> plan() {
        return object("What to train and how")
                .addProperty("model", text("The model that gets a new version; need not exist yet"))
                .addProperty("dataset", text("The name of the data set"))
                .addProperty(
                        "validation",
                        object("What is held out to judge by")
                                .addProperty(
                                        "fraction",
                                        number(
                                                        "The share of the examples; with a parent at most what its lineage held out"
                                                                + " of the same data set, which is then the default if it is less",
                                                        PlanRequest.VALIDATION)
                                                .minimum(BigDecimal.ZERO)
                                                .maximum(BigDecimal.valueOf(PlanRequest.MOST_VALIDATION))))
                .addProperty("objective", objective())
                .addProperty(
                        "network",
                        object(
                                        "A preset, such as {\"preset\": \"mlp\", \"hidden\": [400], \"latent\": 20}, or the lists of"
                                                + " layers of a manifest")
                                .additionalProperties(new Schema<>()))
                .addProperty("optimizer", optimizer())
                .addProperty(
                        "epochs",
                        whole("How often every example is seen, at most", PlanRequest.EPOCHS, PlanRequest.MOST_EPOCHS))
                .addProperty(
                        "batchSize", whole("Examples in a batch", PlanRequest.BATCH_SIZE, PlanRequest.MOST_BATCH_SIZE))
                .addProperty(
                        "seed",
                        new IntegerSchema()
                                .format("int64")
                                .description("Of everything random; drawn when it is left out, and told in the answer"))
                .addProperty(
                        "earlyStopping",
                        object(
                                        "Ends training when the loss on held-out examples falls no further; absent to train all epochs")
                                .addProperty(
                                        "patience",
                                        new IntegerSchema()
                                                .minimum(BigDecimal.ONE)
                                                .description("How many epochs may go by without a better one"))
                                .addProperty("minDelta", number("By how much the loss must fall to be better", 0)))
                .addProperty(
                        "parent",
                        text(
                                "The version to go on from, such as fashion-vae@3; an alias, and a model alone, which is its"
                                        + " default, are replaced by the number they stand for now. Its network when the plan has none"))
                .addProperty("freeze", choice("The half whose weights stay the parent's", "decoder"))
                .addProperty(
                        "keepCodes",
                        new IntegerSchema()
                                .minimum(BigDecimal.ONE)
                                .description(
                                        "How many codes of the examples stay with the version; absent for all of an auto-decoder's, of the others for 4096, or fewer of large latents"))
                .addProperty("alias", text("What shall stand for the new version; absent for nothing"))
                .required(List.of("model", "dataset", "objective"));
    }

    private static Schema<?> objective() {
        return object("What is minimised; which of the other fields there are depends on the type")
                .addProperty("type", choice("Which", "ae", "dae", "vae", "beta-vae", "skip-vae", "ml-vae", "ad", "vad"))
                .addProperty(
                        "likelihood",
                        choice("How values are distributed around what the decoder gives", "gaussian", "bernoulli"))
                .addProperty(
                        "sparsity",
                        number("ae, dae: the weight of the L1 norm of the latent; 0 when it is left out", null))
                .addProperty(
                        "noise",
                        object("dae: what the input goes through")
                                .addProperty("type", choice("Which", "gaussian", "masking", "salt-and-pepper"))
                                .addProperty("sigma", number("gaussian: its standard deviation", null))
                                .addProperty("rate", number("masking, salt-and-pepper: the share of the values", null)))
                .addProperty(
                        "variance",
                        number("vae and its kin: the variance of a gaussian likelihood; 1 when it is left out", null))
                .addProperty(
                        "learnVariance",
                        new BooleanSchema().description("vae and its kin: whether the variance is learned, too"))
                .addProperty("beta", number("beta-vae, ml-vae, vad: the weight of the divergence", null))
                .addProperty(
                        "warmup",
                        number(
                                "beta-vae: epochs in which the weight rises from 0 to beta; 0 when it is left out",
                                null))
                .addProperty(
                        "group",
                        new IntegerSchema()
                                .description("ml-vae: how many values of the latent belong to an example's group"))
                .addProperty(
                        "prior",
                        number(
                                "ad: the weight of the squared length of codes; 0.01 when it is left out, 0 with ball",
                                null))
                .addProperty("codes", choice("ad, vad: where codes start from", "pca", "random"))
                .addProperty(
                        "codeLearningRate",
                        number("ad, vad: the learning rate of codes; 0.05 when it is left out", null))
                .addProperty("ball", new BooleanSchema().description("ad: whether codes are kept in the unit ball"))
                .addProperty("loss", choice("ad: what a reconstruction costs", "squared", "l1", "laplacian"))
                .required(List.of("type"));
    }

    private static Schema<?> optimizer() {
        return object("How weights follow their gradients")
                .addProperty("type", choice("The rule", "adam", "adamw", "sgd"))
                .addProperty("learningRate", number("Of the first step", 0.001))
                .addProperty("schedule", choice("How the learning rate changes", "constant", "cosine"))
                .addProperty("weightDecay", number("Of adamw; of the others the weight of an L2 norm", null))
                .addProperty("momentum", number("Of sgd", 0))
                .addProperty(
                        "clip",
                        number(
                                "The largest norm of all weights' gradients together, those of codes left out; 0 for no bound",
                                0));
    }

    private static Schema<?> object(String description) {
        return new ObjectSchema().description(description);
    }

    private static Schema<?> text(String description) {
        return new StringSchema().description(description);
    }

    private static Schema<?> number(String description, @Nullable Number absent) {
        Schema<BigDecimal> number = new NumberSchema().format("double");
        number.setDescription(description);
        if (absent != null) {
            number.setDefault(new BigDecimal(absent.toString()));
        }
        return number;
    }

    private static Schema<?> whole(String description, int absent, int most) {
        return new IntegerSchema()
                ._default(absent)
                .minimum(BigDecimal.ONE)
                .maximum(BigDecimal.valueOf(most))
                .description(description);
    }

    private static Schema<?> choice(String description, String... values) {
        var choice = new StringSchema();
        List.of(values).forEach(choice::addEnumItem);
        return choice.description(description);
    }
}
