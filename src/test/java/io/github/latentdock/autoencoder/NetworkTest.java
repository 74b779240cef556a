package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {

    /** Wrong layers behind a latent of 32 values, and what is said of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'Linear','in_features':16,'out_features':4}            | [0].in_features: 16, but the latent has 32 values",
                "{'type':'Linear','in_features':32}                             | [0].out_features: is missing; must be an integer of at least 1",
                "{'type':'Linear','in_features':32,'out_features':0}            | [0].out_features: is 0; must be an integer from 1 to 16777216",
                "{'type':'Linear','in_features':32,'out_features':4.0}          | [0].out_features: is 4.0; must be an integer from 1 to",
                "{'type':'Linear','in_features':'32','out_features':4}          | [0].in_features: is '32'; must be an integer from 1 to",
                "{'type':'Linear','in_features':32,'out_features':4,'bias':1}   | [0].bias: is 1; must be true or false",
                "{'type':'Linear','in_features':32,'out_features':4,'bais':true}| [0].bais: is unknown; allowed are in_features, out_features, bias",
                "{'type':'ReLU','inplace':true}                                 | [0].inplace: is unknown; this layer has no arguments",
                "{'type':'Dense'}                                               | [0].type: is Dense; known are Linear, Conv2d, ConvTranspose2d",
                "{'in_features':3}                                              | [0].type: is null; known are Linear",
                "{'type':'GELU','approximate':'erf'}                            | [0].approximate: is 'erf'; allowed are none, tanh",
                "{'type':'Dropout','p':1.5}                                     | [0].p: is 1.5; must be a number from 0.0 to 1.0",
                "{'type':'LeakyReLU','negative_slope':'x'}                      | [0].negative_slope: is 'x'; must be a number that is finite",
                "{'type':'BatchNorm1d','num_features':32,'track_running_stats':false} | [0].track_running_stats: is false; must be true",
                "{'type':'BatchNorm1d','num_features':31}                       | [0].num_features: 31, but the latent has 32 values",
                "{'type':'BatchNorm2d','num_features':32}                       | [0]: needs an image [channels, height, width], but the latent has 32 values",
                "{'type':'LayerNorm','normalized_shape':[4,8]}                  | [0].normalized_shape: [4, 8], but the latent has 32 values",
                "{'type':'GroupNorm','num_groups':5,'num_channels':32}          | [0].num_groups: 5, but it must divide num_channels, 32",
                "{'type':'Conv2d','in_channels':3,'out_channels':4,'kernel_size':3,'groups':2} | [0].groups: 2, but it must divide in_channels, 3, and out_channels, 4",
                "{'type':'Conv2d','in_channels':2,'out_channels':4,'kernel_size':[3]}          | [0].kernel_size: has 1 values; must be an integer or a pair of integers",
                "{'type':'Conv2d','in_channels':2,'out_channels':4,'kernel_size':3,'padding_mode':'reflect'} | [0].padding_mode: is 'reflect'; allowed are zeros",
                "{'type':'ConvTranspose2d','in_channels':2,'out_channels':4,'kernel_size':3,'output_padding':1} | [0].output_padding: [1, 1], but it must be smaller than stride",
                "{'type':'MaxPool2d','kernel_size':2,'padding':2}               | [0].padding: [2, 2], but it must be at most half of kernel_size, [2, 2]",
                "{'type':'Upsample'}                                            | [0]: needs either size or scale_factor",
                "{'type':'Upsample','scale_factor':-1}                          | [0].scale_factor: is -1; must be a number above 0",
                "{'type':'Upsample','size':4,'align_corners':true}              | [0].align_corners: is only for mode bilinear",
                "{'type':'Unflatten','dim':1,'unflattened_size':[3,11]}         | [0].unflattened_size: [3, 11], but the latent has 32 values",
                "{'type':'Unflatten','dim':0,'unflattened_size':[1]}            | [0].dim: 0 is none of its dimensions after the batch's, but the latent has 32 values",
                "{'type':'Unflatten','dim':1,'unflattened_size':[-1,-1]}        | [0].unflattened_size: [-1, -1]; sizes must be at least 1, and one may be -1",
                "{'type':'Flatten','start_dim':0}                               | [0].start_dim: 0 is none of its dimensions",
                "{'type':'Linear','in_features':32,'out_features':16777216}     | but the input has",
                "{'type':'Skip','latent_features':31,'features':32}             | [0].latent_features: 31, but the latent has 32 values",
                "{'type':'Skip','latent_features':32,'features':7}              | [0].features: 7, but the latent has 32 values",
                "{'type':'Residual'}                                            | [0].layers: must be a list of 1 to 1000 layers",
                "{'type':'Residual','layers':[{'type':'Linear','in_features':32,'out_features':4}]} | [0].layers: give 4 values, but must give back what they get: 32 values",
                "{'type':'Residual','layers':[{'type':'Linear','in_features':5,'out_features':32}]} | [0].layers[0].in_features: 5, but the layer around it gets 32 values"
            })
    void namesThePlaceThatIsWrongAndWhatWouldBeRight(String layer, String message) {
        var declaration = Models.declaration("{\"decoder\":[" + layer.replace('\'', '"') + "]}");
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AD, new int[] {1, 2, 3, 4}, new int[] {32}))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("network.decoder")
                .hasMessageContaining(message);
    }

    @Test
    void namesAllThatIsWrongAtOnce() {
        var declaration = Models.declaration("""
                {"encoder": [{"type": "Flatten"}, {"type": "Linear", "in_features": 783, "out_features": 8}],
                 "mean": [{"type": "Linear", "in_features": 9, "out_features": 4}],
                 "log_variance": [{"type": "Linear", "in_features": 8, "out_features": 5}],
                 "decoder": [{"type": "Linear", "in_features": 3, "out_features": 783},
                             {"type": "Unflatten", "dim": 1, "unflattened_size": [1, 28, 28]}],
                 "critic": []}
                """);
        var refused = catchThrowableOfType(
                InvalidModelException.class,
                () -> Network.parse(declaration, Kind.VAE, new int[] {1, 28, 28}, new int[] {4}));
        assertThat(refused.faults())
                .containsExactlyInAnyOrder(
                        new Fault(
                                "network.critic",
                                "kind 'vae' has no such section; allowed are [encoder, mean, log_variance, decoder]"),
                        new Fault("network.encoder[1].in_features", "783, but the layer before gives 784 values"),
                        new Fault("network.mean[0].in_features", "9, but the encoder gives 8 values"),
                        new Fault("network.log_variance", "gives 5 values, but the latent has 4 values"),
                        new Fault("network.decoder[0].in_features", "3, but the latent has 4 values"),
                        new Fault(
                                "network.decoder[1].unflattened_size",
                                "[1, 28, 28], but the layer before gives 783 values"));
    }

    @ParameterizedTest
    @CsvSource({
        "AD,  encoder,      kind 'ad' has no such section; allowed are [decoder]",
        "AE,  log_variance, 'kind ''ae'' has no such section; allowed are [encoder, mean, decoder]'"
    })
    void refusesASectionThatTheKindDoesNotHave(Kind kind, String section, String detail) {
        var declaration = Models.declaration("{\"%s\": [{\"type\": \"Identity\"}]}".formatted(section));
        var refused = catchThrowableOfType(
                InvalidModelException.class, () -> Network.parse(declaration, kind, new int[] {4}, new int[] {4}));
        assertThat(refused.faults()).contains(new Fault("network." + section, detail));
    }

    @ParameterizedTest
    @CsvSource({
        "AE, encoder",
        "AE, decoder",
        "VAE, encoder",
        "VAE, mean",
        "VAE, log_variance",
        "VAE, decoder",
        "AD, decoder"
    })
    void missesASectionThatTheKindNeeds(Kind kind, String section) {
        var refused = catchThrowableOfType(
                InvalidModelException.class, () -> Network.parse(Map.of(), kind, new int[] {4}, new int[] {4}));
        assertThat(refused.faults().stream().map(Fault::where)).contains("network." + section);
    }

    @Test
    void refusesALayerThatWouldExhaustTheMemory() {
        var declaration = Models.declaration("""
                {"decoder": [{"type": "Unflatten", "dim": 1, "unflattened_size": [1, 2, 2]},
                             {"type": "Upsample", "scale_factor": 16000000}]}
                """);
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AD, new int[] {4}, new int[] {4}))
                .hasMessage("network.decoder[1]: would give shape [1, 32000000, 32000000];"
                        + " at most 67108864 values per row are allowed");
    }

    @Test
    void refusesAKernelThatIsLargerThanTheImage() {
        var declaration = Models.declaration("""
                {"decoder": [{"type": "Conv2d", "in_channels": 1, "out_channels": 1, "kernel_size": 5}]}
                """);
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AD, new int[] {4}, new int[] {1, 3, 3}))
                .hasMessage("network.decoder[0]: would give shape [1, -1, -1]: what comes in is too small");
    }

    @Test
    void refusesLayersThatAreNestedTooDeeply() {
        String layer = "{\"type\": \"Identity\"}";
        for (int depth = 0; depth < 9; depth++) {
            layer = "{\"type\": \"Residual\", \"layers\": [%s]}".formatted(layer);
        }
        var declaration = Models.declaration("{\"decoder\": [%s]}".formatted(layer));
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AD, new int[] {4}, new int[] {4}))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("is nested too deeply");
    }

    @Test
    void refusesASkipOutsideADecoder() {
        var declaration = Models.declaration("""
                {"encoder": [{"type": "Skip", "latent_features": 4, "features": 4}], "decoder": [{"type": "Identity"}]}
                """);
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AE, new int[] {4}, new int[] {4}))
                .hasMessage("network.encoder[0]: is only for decoders");
    }

    @Test
    void refusesSectionsThatAreNotLists() {
        @SuppressWarnings("unchecked")
        var declaration = (Map<String, List<Map<String, Object>>>) (Map<String, ?>) Map.of("decoder", 7);
        assertThatThrownBy(() -> Network.parse(declaration, Kind.AD, new int[] {4}, new int[] {4}))
                .hasMessage("network.decoder: must be a list of 1 to 1000 layers");
    }

    @Test
    void refusesShapesWithoutValues() {
        assertThatThrownBy(() -> Network.parse(Map.of(), Kind.AD, new int[] {0}, new int[] {}))
                .hasMessage("input.shape: is [0]; dimensions must be at least 1;"
                        + " latent.shape: has 0 dimensions; must have 1 to 8");
    }

    static List<Golden> layers() {
        return Golden.all();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void asksForTheKeysThatPyTorchWrites(Golden golden) {
        Map<String, int[]> written = new LinkedHashMap<>();
        golden.arrays().forEach((key, values) -> {
            if (key.startsWith("decoder.")) {
                written.put(key, values.shape());
            }
        });
        assertThat(golden.network().check(written)).isEmpty();
    }

    @Test
    void namesKeysThatAreMissingLeftOverOrOfAWrongShape() {
        Network network = Models.network("fashion-ad");
        Map<String, int[]> found = new LinkedHashMap<>(network.weights());
        found.remove("decoder.0.bias");
        found.put("decoder.2.weight", new int[] {256, 784});
        found.put("decoder.9.weight", new int[] {1});
        assertThat(network.check(found))
                .containsExactly(
                        new Fault("decoder.0.bias", "is missing; must have shape [256]"),
                        new Fault("decoder.2.weight", "has shape [256, 784], but the network needs [784, 256]"),
                        new Fault("decoder.9.weight", "is left over: the network has no such weight"));
    }

    /** The loss would drop logits, the decoder probabilities. */
    @Test
    void aDropoutBehindTheSigmoidGivesNoProbabilities() {
        assertThat(decoder("Sigmoid").givesProbabilities()).isTrue();
        assertThat(decoder("Dropout", "Sigmoid", "Identity").givesProbabilities())
                .isTrue();
        assertThat(decoder("Sigmoid", "Dropout").givesProbabilities()).isFalse();
    }

    private static Network decoder(String... types) {
        List<Map<String, Object>> layers = Arrays.stream(types)
                .map(type -> Map.<String, Object>of("type", type))
                .toList();
        return Network.parse(Map.of("decoder", layers), Kind.AD, new int[] {4}, new int[] {4});
    }
}
