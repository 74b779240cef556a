package io.github.latentdock.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.autoencoder.Safetensors.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedCodesTest {

    private static final float[] CODES = {1, 2, 3, 4, 5, 6};
    private static final float[] LOG_VARIANCES = {-1, -2, -3, -4, -5, -6};

    @TempDir
    Path folder;

    @Test
    void areReadAsTheyWereWritten() {
        new SavedCodes(CODES, LOG_VARIANCES).write(folder, new int[] {2});

        SavedCodes read = SavedCodes.read(folder);
        assertThat(read.codes()).isEqualTo(CODES);
        assertThat(read.logVariances()).isEqualTo(LOG_VARIANCES);
    }

    @Test
    void areFoundUnderAnyName() {
        var tensors = new LinkedHashMap<String, Values>();
        tensors.put(SavedCodes.LOG_VARIANCES, new Values(new int[] {3, 2}, LOG_VARIANCES));
        tensors.put("z", new Values(new int[] {3, 2}, CODES));
        Safetensors.write(folder.resolve(SavedCodes.FILE), tensors);

        assertThat(SavedCodes.read(folder).codes()).isEqualTo(CODES);
    }

    @Test
    void needNoVariances() {
        new SavedCodes(CODES, new float[0]).write(folder, new int[] {2, 1});

        assertThat(SavedCodes.read(folder).logVariances()).isEmpty();
        try (Safetensors file = Safetensors.open(folder.resolve(SavedCodes.FILE))) {
            assertThat(file.shapes()).containsOnlyKeys("codes").containsEntry("codes", new int[] {3, 2, 1});
        }
    }
}
