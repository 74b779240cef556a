package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import jakarta.servlet.http.Part;
import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.web.MockHttpServletRequest;

class VersionUploadTest {

    private static final int MORE_THAN_AT_ONCE = 5;

    @TempDir
    private Path root;

    @Test
    void anUploadThatRanOutOfMemoryGivesUpItsTurn() {
        Registry registry = Registry.at(root);
        var exhausting = new MockHttpServletRequest() {
            @Override
            public Collection<Part> getParts() {
                throw new OutOfMemoryError("for the test");
            }
        };
        for (int i = 0; i < MORE_THAN_AT_ONCE; i++) {
            assertThatExceptionOfType(OutOfMemoryError.class)
                    .isThrownBy(() ->
                            VersionUpload.of(exhausting, registry.store(), registry.properties(), Path.of("parts")));
        }

        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> VersionUpload.of(
                        new MockHttpServletRequest(), registry.store(), registry.properties(), Path.of("parts")))
                .extracting(Problem::fault)
                .isEqualTo(Fault.MALFORMED);
        assertThat(root).isEmptyDirectory();
    }
}
