package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import io.github.latentdock.autoencoder.NetworkPlan.Declared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NetworkPlanTest {

    static {
        SingleThread.use();
    }

    /** As the service reads. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private static final List<String> OBJECTIVES = List.of("{'type': 'ae'}", "{'type': 'skip-vae'}", "{'type': 'ad'}");
    private static final List<int[]> IMAGES = List.of(
            new int[] {1, 27, 29}, new int[] {3, 32, 32}, new int[] {2, 9, 4}, new int[] {1, 5, 31}, new int[] {1, 2, 2
            });
    private static final List<int[]> OTHERS =
            List.of(new int[] {7}, new int[] {1}, new int[] {3, 5}, new int[] {2, 3, 4, 5});

    static Stream<Arguments> presets() {
        List<Arguments> presets = new ArrayList<>();
        for (String objective : OBJECTIVES) {
            for (int[] shape : IMAGES) {
                int most = 31 - Integer.numberOfLeadingZeros(Math.min(shape[1], shape[2]));
                for (int halvings = 1; halvings <= most; halvings += Math.max(1, most - 1)) {
                    String hidden =
                            Stream.generate(() -> "3").limit(halvings).toList().toString();
                    presets.add(Arguments.of(
                            objective, "{'preset': 'conv', 'hidden': %s, 'latent': 6}".formatted(hidden), shape));
                }
            }
            for (int[] shape : Stream.of(IMAGES, OTHERS).flatMap(List::stream).toList()) {
                for (String hidden : objective.contains("skip") ? List.of("[5]") : List.of("[]", "[5, 4, 3]")) {
                    presets.add(Arguments.of(
                            objective, "{'preset': 'mlp', 'hidden': %s, 'latent': 6}".formatted(hidden), shape));
                }
            }
        }
        return presets.stream();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetFitsItsInputAndRuns(String objective, String plan, int[] shape) {
        Declared declared = declare(objective, plan, shape);
        Network network = declared.network();
        Shape rows = new Shape(3)
                .addAll(new Shape(Arrays.stream(shape).asLongStream().toArray()));
        try (var model = DeclaredAutoencoder.of(network, network.initial(TestExamples.random(1)));
                NDManager manager = NDManager.newBaseManager()) {
            NDArray z = manager.create(TestExamples.normal(18, 2), new Shape(3, 6));
            NDArray x = model.decode(z);
            assertThat(x.getShape()).isEqualTo(rows);
            for (float value : x.toFloatArray()) {
                assertThat(value).isBetween(0f, 1f);
            }
            if (model.hasEncoder()) {
                assertThat(model.encode(x).mean().getShape()).isEqualTo(new Shape(3, 6));
            }
        }
        assertThat(declared.declaration().toString().contains("Skip")).isEqualTo(objective.contains("skip"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"relu", "leaky-relu", "elu", "gelu", "silu", "tanh"})
    void everyActivationIsALayer(String activation) {
        for (String preset : List.of("mlp", "conv")) {
            String plan = "{'preset': '%s', 'activation': '%s', 'latent': 4}".formatted(preset, activation);

            assertThat(declare("{'type': 'vae'}", plan, 1, 8, 8).declaration().toString())
                    .containsIgnoringCase("type=" + activation.replace("-", ""));
        }
    }

    @Test
    void whatIsLeftOutHasADefault() {
        assertThat(declare("{'type': 'vae'}", "{'preset': 'mlp', 'latent': 20}", 1, 28, 28)
                        .network()
                        .weights())
                .hasEntrySatisfying(
                        "encoder.1.weight", shape -> assertThat(shape).containsExactly(400, 784))
                .hasEntrySatisfying("mean.0.weight", shape -> assertThat(shape).containsExactly(20, 400))
                .hasEntrySatisfying(
                        "decoder.2.weight", shape -> assertThat(shape).containsExactly(784, 400));
        // Most channels where a picture is smallest, whichever way it is read.
        assertThat(declare("{'type': 'ae'}", "{'preset': 'conv', 'latent': 16}", 1, 28, 28)
                        .network()
                        .weights())
                .hasEntrySatisfying(
                        "decoder.0.weight", shape -> assertThat(shape).containsExactly(64 * 49, 16));
        assertThat(declare("{'type': 'ad'}", "{'preset': 'conv', 'latent': 16}", 1, 28, 28)
                        .network()
                        .weights())
                .hasEntrySatisfying(
                        "decoder.0.weight", shape -> assertThat(shape).containsExactly(64 * 49, 16));
    }

    @Test
    void anOutputIsBoundedOnlyWhereValuesAre() {
        NetworkPlan plan = read("{'preset': 'mlp', 'latent': 2}", NetworkPlan.class);
        Objective objective = Trainings.objective("{'type': 'ae'}");

        assertThat(plan.declare(objective, new int[] {3}, false).declaration().toString())
                .doesNotContain("Sigmoid");
        assertThat(plan.declare(objective, new int[] {3}, true).declaration().toString())
                .contains("Sigmoid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'preset': 'mlp', 'latent': 20}",
                "{'preset': 'conv', 'hidden': [8, 16], 'activation': 'gelu', 'latent': [20]}",
                "{'latent': [2, 3, 3], 'encoder': [{'type': 'Conv2d', 'in_channels': 1, 'out_channels': 2, 'kernel_size': [3, 4]}],"
                        + "'decoder': [{'type': 'Upsample', 'scale_factor': 1.5}]}",
                "{'latent': 2, 'encoder': [{'type': 'Flatten'}], 'mean': [{'type': 'Identity'}],"
                        + "'log_variance': [{'type': 'Identity'}], 'decoder': [{'type': 'Identity'}]}"
            })
    void aPlanIsWrittenAsItIsRead(String plan) {
        String written = JSON.writeValueAsString(read(plan, NetworkPlan.class));

        assertThat(JSON.writeValueAsString(JSON.readValue(written, NetworkPlan.class)))
                .isEqualTo(written);
        JsonNode given = JSON.readTree(plan.replace('\'', '"').replaceAll("\"latent\": (\\d+)", "\"latent\": [$1]"));
        given.properties()
                .forEach(field ->
                        assertThat(JSON.readTree(written).get(field.getKey())).isEqualTo(field.getValue()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'ae','likelihood':'bernoulli','sparsity':0.5}",
                "{'type':'dae','likelihood':'gaussian','sparsity':0.0,'noise':{'type':'gaussian','sigma':0.5}}",
                "{'type':'dae','likelihood':'gaussian','sparsity':0.0,'noise':{'type':'masking','rate':0.5}}",
                "{'type':'dae','likelihood':'gaussian','sparsity':0.0,'noise':{'type':'salt-and-pepper','rate':0.5}}",
                "{'type':'vae','likelihood':'gaussian','variance':0.5,'learnVariance':true}",
                "{'type':'beta-vae','likelihood':'bernoulli','variance':1.0,'learnVariance':false,'beta':3.0,'warmup':2.5}",
                "{'type':'skip-vae','likelihood':'bernoulli','variance':1.0,'learnVariance':false}",
                "{'type':'ml-vae','likelihood':'bernoulli','variance':1.0,'learnVariance':false,'beta':1.0,'group':7}",
                "{'type':'ad','prior':0.5,'codes':'random','codeLearningRate':0.25,'ball':true,'loss':'laplacian'}",
                "{'type':'vad','likelihood':'bernoulli','variance':1.0,'learnVariance':false,'beta':1.0,'codes':'pca','codeLearningRate':0.25}"
            })
    void anObjectiveIsWrittenAsItIsRead(String objective) {
        Objective read = read(objective, Objective.class);

        assertThat(JSON.readValue(JSON.writeValueAsString(read), Objective.class))
                .isEqualTo(read);
        assertThat(JSON.readTree(JSON.writeValueAsString(read))).isEqualTo(JSON.readTree(objective.replace('\'', '"')));
        assertThat(read.faults()).isEmpty();
    }

    @Test
    void anOptimizerIsWrittenAsItIsRead() {
        Optimizer read = read(
                "{'type': 'sgd', 'learningRate': 0.5, 'schedule': 'cosine', 'weightDecay': 0.1, 'momentum': 0.9, 'clip': 2}",
                Optimizer.class);

        assertThat(JSON.readValue(JSON.writeValueAsString(read), Optimizer.class))
                .isEqualTo(read);
        assertThat(read.faults()).isEmpty();
        assertThat(read("{}", Optimizer.class)).isEqualTo(Optimizer.DEFAULT);
        assertThat(read("{'type': 'adamw'}", Optimizer.class).weightDecay()).isEqualTo(0.01);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'vae'}  | {'preset':'mlp'}                                    | network.latent",
                "{'type':'vae'}  | {'preset':'mlp','latent':0}                         | network.latent",
                "{'type':'vae'}  | {'preset':'mlp','latent':4.5}                       | network.latent",
                "{'type':'vae'}  | {'preset':'mlp','latent':'four'}                    | network.latent",
                "{'type':'vae'}  | {'preset':'mlp','latent':[4,4]}                     | network.latent",
                "{'type':'vae'}  | {'preset':'mlp','latent':4,'hidden':[0]}            | network.hidden",
                "{'type':'vae'}  | {'preset':'mlp','latent':4,'hidden':[null]}         | network.hidden",
                "{'type':'vae'}  | {'preset':'mlp','latent':4,'hidden':[65537]}        | network.hidden",
                "{'type':'vae'}  | {'preset':'mlp','latent':4,'activation':'swish'}    | network.activation",
                "{'type':'vae'}  | {'preset':'mlp','latent':4,'decoder':[]}            | network",
                "{'type':'vae'}  | {'latent':4,'hidden':[3]}                           | network",
                "{'type':'vae'}  | {'latent':4}                                        | network",
                "{'type':'vae'}  | {'preset':'conv','latent':4,'hidden':[]}            | network.hidden",
                "{'type':'vae'}  | {'preset':'conv','latent':4,'hidden':[8,8,8]}       | network.hidden",
                "{'type':'ml-vae','group':4} | {'preset':'mlp','latent':4}             | objective.group",
                "{'type':'skip-vae'} | {'preset':'mlp','latent':4,'hidden':[]}         | network.hidden",
                "{'type':'skip-vae'} | {'latent':4,'decoder':[{'type':'Identity'}]}    | network.decoder"
            })
    void aFaultIsNamedByItsPath(String objective, String plan, String path) {
        assertThat(faults(objective, plan, 1, 6, 6)).extracting(Fault::where).containsExactly(path);
    }

    @Test
    void convolutionsAreForPictures() {
        assertThat(faults("{'type':'ae'}", "{'preset':'conv','latent':4}", 36))
                .extracting(Fault::toString)
                .containsExactly(
                        "network.preset: is conv, for examples [channels, height, width], but these have 36 values");
    }

    /** 28 >> 33 is 14 to Java. */
    @ParameterizedTest
    @ValueSource(ints = {5, 31, 32, 33, 64, 100})
    void aPictureIsNotHalvedMoreOftenThanItCanBe(int halvings) {
        String hidden = Stream.generate(() -> "3").limit(halvings).toList().toString();

        assertThat(faults("{'type':'ae'}", "{'preset':'conv','latent':4,'hidden':%s}".formatted(hidden), 1, 28, 28))
                .extracting(Fault::toString)
                .containsExactly("network.hidden: has %d channels, of which each halves 28 x 28; 1 to 4 are possible"
                        .formatted(halvings));
    }

    /** A group's part is the first values of a vector. */
    @Test
    void aGroupNeedsALatentThatIsAVector() {
        String plan =
                "{'latent':[2,3,3],'encoder':[{'type':'Conv2d','in_channels':1,'out_channels':2,'kernel_size':4}],"
                        + "'mean':[{'type':'Identity'}],'log_variance':[{'type':'Identity'}],"
                        + "'decoder':[{'type':'ConvTranspose2d','in_channels':2,'out_channels':1,'kernel_size':4},{'type':'Sigmoid'}]}";

        assertThat(faults("{'type':'ml-vae','group':1}", plan, 1, 6, 6))
                .extracting(Fault::where)
                .containsExactly("network.latent");
    }

    @Test
    void allFaultsAreToldAtOnce() {
        assertThat(faults(
                        "{'type':'ml-vae','group':9}",
                        "{'preset':'conv','latent':[4,4],'hidden':[8,0],'activation':'x','decoder':[]}",
                        1,
                        6,
                        6))
                .extracting(Fault::where)
                .containsExactlyInAnyOrder(
                        "network.latent", "objective.group", "network", "network.activation", "network.hidden");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'ae','sparsity':-1}                                  | objective.sparsity",
                "{'type':'dae','noise':{'type':'gaussian','sigma':0}}         | objective.noise.sigma",
                "{'type':'dae','noise':{'type':'masking','rate':1}}           | objective.noise.rate",
                "{'type':'dae','noise':{'type':'salt-and-pepper','rate':-1}}  | objective.noise.rate",
                "{'type':'vae','variance':-1}                                 | objective.variance",
                "{'type':'skip-vae','variance':0}                             | objective.variance",
                "{'type':'ml-vae'}                                            | objective.group",
                "{'type':'ml-vae','group':0}                                  | objective.group",
                "{'type':'ml-vae','group':2,'beta':-1}                        | objective.beta",
                "{'type':'ad','prior':-1}                                     | objective.prior",
                "{'type':'ad','codeLearningRate':0}                           | objective.codeLearningRate",
                "{'type':'vad','beta':-1}                                     | objective.beta"
            })
    void whatAnObjectiveCannotBeIsNamed(String objective, String path) {
        assertThat(Trainings.objective(objective).faults())
                .extracting(Fault::where)
                .containsExactly(path);
    }

    @Test
    void aDenoisingAutoencoderNeedsItsNoise() {
        assertThatThrownBy(() -> Trainings.objective("{'type':'dae'}")).hasMessageContaining("noise");
    }

    private static List<Fault> faults(String objective, String plan, int... shape) {
        return catchThrowableOfType(InvalidModelException.class, () -> declare(objective, plan, shape))
                .faults();
    }

    private static Declared declare(String objective, String plan, int... shape) {
        return read(plan, NetworkPlan.class).declare(read(objective, Objective.class), shape, true);
    }

    private static <T> T read(String json, Class<T> type) {
        return JSON.readValue(json.replace('\'', '"'), type);
    }
}
