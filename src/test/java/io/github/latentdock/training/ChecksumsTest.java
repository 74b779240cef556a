package io.github.latentdock.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {

    /** Of "abc", from FIPS 180-2. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    /** Of nothing. */
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @TempDir
    Path folder = Path.of("");

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("state"), "abc");
        Files.createFile(folder.resolve("empty"));
        Checksums.write(folder);
    }

    @Test
    void sumsAreWrittenAsSha256sumWritesThem() {
        assertThat(folder.resolve(Checksums.FILE)).hasContent("%s  empty\n%s  state\n".formatted(EMPTY, ABC));
        assertThatNoException().isThrownBy(() -> Checksums.verify(folder));
    }

    @Test
    void aFileThatIsAnotherIsNamed() throws IOException {
        Files.writeString(folder.resolve("state"), "abd");

        assertMismatch(
                "state has the SHA-256 a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9, %s was written"
                        .formatted(ABC));
    }

    @Test
    void aFileThatIsGoneIsNamed() throws IOException {
        Files.delete(folder.resolve("state"));

        assertMismatch("SHA256SUMS tells of '%s  state', which is no file".formatted(ABC));
    }

    @Test
    void sumsThatAreCutOffTellOfNothingGood() throws IOException {
        Path sums = folder.resolve(Checksums.FILE);
        Files.writeString(sums, Files.readString(sums).substring(0, 40));

        assertMismatch("SHA256SUMS tells of '%s', which is no file".formatted(EMPTY.substring(0, 40)));
    }

    @Test
    void sumsThatAreNoTextAreNoSums() throws IOException {
        Files.write(folder.resolve(Checksums.FILE), new byte[] {(byte) 0xc3, (byte) 0x28});

        assertMismatch("SHA256SUMS is no text");
    }

    @Test
    void sumsThatTellOfNothingAreNoSums() throws IOException {
        Files.writeString(folder.resolve(Checksums.FILE), "");

        assertMismatch("SHA256SUMS is empty");
    }

    /** As when it was cut off at the end of a line. */
    @Test
    void aFileWithoutASumIsNamed() throws IOException {
        Files.writeString(folder.resolve(Checksums.FILE), EMPTY + "  empty\n");

        assertMismatch("SHA256SUMS does not tell of state");
    }

    @Test
    void aFileOfAnotherFolderIsNone() throws IOException {
        Path sums = folder.resolve(Checksums.FILE);
        String outside = "%s  ../%s/state".formatted(ABC, folder.getFileName());
        Files.writeString(sums, Files.readString(sums) + outside + "\n");

        assertMismatch("SHA256SUMS tells of '%s', which is no file".formatted(outside));
    }

    /** An older service wrote neither. */
    @Test
    void onlyWhatHasNoLineageEitherDoesWithoutSums() throws IOException {
        Files.delete(folder.resolve(Checksums.FILE));
        assertThatNoException().isThrownBy(() -> Checksums.verify(folder));

        Files.writeString(folder.resolve(Lineage.FILE), "{}");
        assertMismatch("SHA256SUMS is gone");
    }

    private void assertMismatch(String message) {
        assertThatExceptionOfType(Checksums.Mismatch.class)
                .isThrownBy(() -> Checksums.verify(folder))
                .withMessage(message);
    }
}
