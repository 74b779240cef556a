package io.github.latentdock.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class UnreadableTest {

    @Test
    void namesTheFileAndNotItsFolder() {
        assertThat(reason(new NoSuchFileException("/srv/models/a/1/weights.safetensors")))
                .isEqualTo("weights.safetensors is not there");
        assertThat(reason(new AccessDeniedException("/srv/models/a/1/model.json")))
                .isEqualTo("model.json may not be read");
        assertThat(reason(new IOException("/srv/models: Input/output error"))).isEqualTo("a file cannot be read");
    }

    private static String reason(IOException cause) {
        return Unreadable.reason(new UncheckedIOException(cause));
    }
}
