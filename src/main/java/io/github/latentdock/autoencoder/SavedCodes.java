package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/**
 * A version's {@code codes.safetensors}: a tensor of codes {@code [n, …latent shape]}, whatever it is called, and of a variational
 * auto-decoder, whose codes are means, {@code log_variances} of the same shape.
 *
 * @param codes {@code [n * latent size]}
 * @param logVariances the same; empty where there are none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record SavedCodes(float[] codes, float[] logVariances) {

    public static final String FILE = "codes.safetensors";

    /** The key of the log-variances. */
    public static final String LOG_VARIANCES = "log_variances";

    private static final String CODES = "codes";

    /** @throws InvalidModelException when it is no such file */
    public static SavedCodes read(Path folder) {
        try (Safetensors file = Safetensors.open(folder.resolve(FILE))) {
            String codes = file.entries().keySet().stream()
                    .filter(key -> !key.equals(LOG_VARIANCES))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("%s holds no codes".formatted(FILE)));
            return new SavedCodes(
                    file.floats(codes),
                    file.entries().containsKey(LOG_VARIANCES) ? file.floats(LOG_VARIANCES) : new float[0]);
        }
    }

    /** Writes the file. */
    public void write(Path folder, int[] latentShape) {
        int size = 1;
        int[] shape = new int[latentShape.length + 1];
        for (int i = 0; i < latentShape.length; i++) {
            shape[i + 1] = latentShape[i];
            size *= latentShape[i];
        }
        shape[0] = codes.length / size;
        var tensors = new LinkedHashMap<String, Values>();
        tensors.put(CODES, new Values(shape, codes));
        if (logVariances.length > 0) {
            tensors.put(LOG_VARIANCES, new Values(shape, logVariances));
        }
        Safetensors.write(folder.resolve(FILE), tensors);
    }
}
