package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.github.latentdock.autoencoder.Convolution.ConvTranspose2d;
import io.github.latentdock.autoencoder.Convolution.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against PyTorch's own transposed convolution, with the gradients of what comes in, of the weight and of the bias. */
class SubPixelTest {

    static {
        SingleThread.use();
    }

    /** Of the largest value of an array: sums of float32 in another order differ by a few units of its last place, 6e-8. */
    private static final double RELATIVE = 1e-5;

    static Stream<ConvTranspose2d> layers() {
        var layers = new ArrayList<ConvTranspose2d>();
        for (int stride = 2; stride <= 3; stride++) {
            for (int kernel = 1; kernel <= 6; kernel++) {
                for (int padding = 0; padding < 4; padding++) {
                    for (int more = 0; more < stride; more++) {
                        layers.add(layer(stride, kernel, kernel, padding, more, more));
                    }
                }
            }
        }
        layers.add(layer(2, 4, 2, 0, 0, 0));
        layers.add(layer(2, 3, 4, 1, 1, 0));
        return layers.stream().filter(layer -> SubPixel.of(layer, new int[] {5, 4, 6}) != null);
    }

    private static ConvTranspose2d layer(int stride, int height, int width, int padding, int down, int right) {
        var window = new Window(
                5,
                1,
                new Pair(height, width),
                new Pair(stride, stride),
                new Pair(padding, padding),
                new Pair(1, 1),
                1,
                true);
        return new ConvTranspose2d(window, new Pair(down, right));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void givesTheSumsOfTheTransposedConvolution(ConvTranspose2d layer) {
        var window = layer.window();
        var plain = new Script(List.of("x", "weight", "bias"), true);
        String expected = plain.assign("torch.conv_transpose2d(x, weight, bias, %s, %s, %s, 1, [1, 1])"
                .formatted(window.stride(), window.padding(), layer.outputPadding()));
        var own = new Script(List.of("x"), true);
        String given = own.assign(layer.expression("x", new int[] {5, 4, 6}, own.scope("layer", "x")));
        List<float[]> one = results(gradients(plain, expected, "weight", "bias"), layer);
        List<float[]> other = results(gradients(own, given, "layer_weight", "layer_bias"), layer);
        assertThat(own.source(List.of(given))).contains("pixel_shuffle");
        for (int i = 0; i < one.size(); i++) {
            double largest = 0;
            for (float value : one.get(i)) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(other.get(i)).containsExactly(one.get(i), within((float) (RELATIVE * largest)));
        }
    }

    /** The values, and the gradients of the sum of their squares. */
    private static String gradients(Script script, String out, String weight, String bias) {
        String loss = script.assign("torch.sum(torch.mul(%1$s, %1$s))".formatted(out));
        String gradients = script.assign("torch.grad([%s], [x, %s, %s])".formatted(loss, weight, bias));
        List<String> results = new ArrayList<>(List.of(out));
        for (int i = 0; i < 3; i++) {
            results.add("unchecked_cast(Tensor, %s[%d])".formatted(gradients, i));
        }
        return script.source(results);
    }

    private static List<float[]> results(String source, ConvTranspose2d layer) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                CompiledScript script = CompiledScript.compile(source, manager)) {
            var random = new Random(3);
            Pair kernel = layer.window().kernel();
            var arguments = new NDList(
                    draw(random, manager, 2, 5, 4, 6),
                    draw(random, manager, 5, 1, kernel.height(), kernel.width()),
                    draw(random, manager, 1));
            arguments.forEach(argument -> argument.setRequiresGradient(true));
            JniUtils.setGradMode(true);
            return script.run(arguments).stream().map(NDArray::toFloatArray).toList();
        }
    }

    private static NDArray draw(Random random, NDManager manager, long... shape) {
        float[] values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(shape));
    }
}
