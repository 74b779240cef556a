package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The Java side of bench/optimize.py, which starts it: each line of its input asks for one optimisation, each line of its output tells the
 * milliseconds, the mean iterations and the objectives. Not a test.
 */
final class OptimizeBench {

    private OptimizeBench() {}

    /** @param args folder of the model, kind, latents, codes.safetensors or {@code -}, file of raw float32 images, of a raw mask */
    public static void main(String[] args) throws IOException {
        Shape input = new Shape(1, 28, 28);
        Shape latent = new Shape(Integer.parseInt(args[2]));
        float[] images = floats(Path.of(args[4]));
        float[] masks = floats(Path.of(args[5]));
        Kind kind = Kind.valueOf(args[1].toUpperCase(Locale.ROOT));
        try (Autoencoder model = TorchScript.load(Path.of(args[0]), kind, input, latent);
                var optimizer = new LatentOptimizer(model, input, latent, Likelihood.BERNOULLI, codes(args[3]), 64);
                var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(answer(optimizer, line.split(" "), images, masks));
            }
        }
    }

    /** @param words count, full or masked, tolerance, solver or {@code -}, starts */
    private static String answer(LatentOptimizer optimizer, String[] words, float[] images, float[] masks) {
        int values = Integer.parseInt(words[0]) * 28 * 28;
        float[] x = Arrays.copyOf(images, values);
        float[] mask = words[1].equals("masked") ? Arrays.copyOf(masks, values) : null;
        LatentOptimizer.Settings usual = LatentOptimizer.Settings.DEFAULT;
        var settings = new LatentOptimizer.Settings(
                usual.loss(),
                usual.prior(),
                words[2].equals("-") ? usual.tolerance() : Double.parseDouble(words[2]),
                usual.maxIterations(),
                Integer.parseInt(words[4]),
                usual.seed(),
                words[3].equals("-") ? null : LatentOptimizer.Solver.valueOf(words[3]));
        long start = System.nanoTime();
        List<LatentOptimizer.Fit> fits = optimizer.optimize(x, mask, settings, (iteration, objectives) -> true);
        double milliseconds = (System.nanoTime() - start) / 1e6;
        return "%.3f %.2f %s"
                .formatted(
                        milliseconds,
                        fits.stream()
                                .mapToInt(LatentOptimizer.Fit::iterations)
                                .average()
                                .orElse(0),
                        fits.stream()
                                .map(fit -> Double.toString(fit.objective()))
                                .collect(Collectors.joining(" ")));
    }

    private static float @Nullable [][] codes(String file) throws IOException {
        if (file.equals("-")) {
            return null;
        }
        try (NDManager manager = NDManager.newBaseManager();
                var in = Files.newInputStream(Path.of(file))) {
            NDArray codes = NDList.decode(manager, in).getFirst();
            float[] all = codes.toFloatArray();
            int width = (int) codes.getShape().get(1);
            float[][] rows = new float[all.length / width][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
            return rows;
        }
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
