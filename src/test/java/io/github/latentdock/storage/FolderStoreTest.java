package io.github.latentdock.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.testing.Tree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderStoreTest {

    @TempDir
    Path temp;

    private Path root;
    private FolderStore store;

    @BeforeEach
    void setUp() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        store = new FolderStore(root);
    }

    @Test
    void aPublishedFolderHasItsFiles() throws IOException {
        publish("a/1", "hello");

        assertThat(store.folders("")).containsExactly("a");
        assertThat(store.folders("a")).containsExactly("1");
        assertThat(store.read("a/1/file.txt", 100)).hasValue(bytes("hello"));
    }

    @Test
    void writingTellsTheSha256() throws IOException {
        try (Draft draft = store.draft()) {
            // The SHA-256 of "abc" is the first example of FIPS 180-2.
            assertThat(draft.write("file.txt", stream("abc"), 3))
                    .isEqualTo(new FileDigest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3))
                    .isEqualTo(FileDigest.of(draft.folder().resolve("file.txt")));
        }
    }

    @Test
    void aDraftIsSeenByNobody() throws IOException {
        try (Draft draft = store.draft()) {
            draft.write("file.txt", stream("hello"), 100);

            assertThat(store.folders("")).isEmpty();
        }
    }

    @Test
    void aDraftThatIsNotPublishedLeavesNothing() throws IOException {
        Tree before = Tree.of(root);

        try (Draft draft = store.draft()) {
            draft.write("file.txt", stream("hello"), 100);
        }

        assertThat(Tree.of(root)).isEqualTo(before);
    }

    @Test
    void aFileThatIsTooLongIsRefusedByNameAndNotKept() throws IOException {
        try (Draft draft = store.draft()) {
            assertThatExceptionOfType(Problem.class)
                    .isThrownBy(() -> draft.write("file.txt", stream("hello"), 4))
                    .withMessage("file.txt has more than the 4 bytes allowed")
                    .satisfies(problem -> assertThat(problem.fault()).isEqualTo(Fault.TOO_LARGE));
            assertThat(draft.folder()).isEmptyDirectory();
        }
    }

    @Test
    void aFileOfExactlyTheLimitIsTaken() throws IOException {
        try (Draft draft = store.draft()) {
            assertThat(draft.write("file.txt", stream("hello"), 5).bytes()).isEqualTo(5);
        }
    }

    @Test
    void aFolderThatIsThereIsNotReplaced() throws IOException {
        publish("a/1", "first");

        try (Draft draft = store.draft()) {
            draft.write("file.txt", stream("second"), 100);
            assertThat(draft.publish("a/1")).isFalse();
        }

        assertThat(store.read("a/1/file.txt", 100)).hasValue(bytes("first"));
    }

    @Test
    void evenAnEmptyFolderIsNotReplaced() throws IOException {
        Files.createDirectories(root.resolve("a/1"));

        try (Draft draft = store.draft()) {
            draft.write("file.txt", stream("hello"), 100);
            assertThat(draft.publish("a/1")).isFalse();
        }

        assertThat(root.resolve("a/1")).isEmptyDirectory();
    }

    @Test
    void ofManyWhoPublishUnderOneNameOneWins() throws Exception {
        List<Callable<Boolean>> publishers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String content = "content " + i;
            publishers.add(() -> {
                try (Draft draft = store.draft()) {
                    draft.write("file.txt", stream(content), 100);
                    return draft.publish("a/1");
                }
            });
        }

        int winners = 0;
        try (var threads = Executors.newFixedThreadPool(publishers.size())) {
            for (Future<Boolean> published : threads.invokeAll(publishers)) {
                winners += published.get() ? 1 : 0;
            }
        }

        assertThat(winners).isOne();
    }

    @Test
    void aDeletedFolderIsGoneAndSoIsItsParentWhenEmpty() throws IOException {
        publish("a/1", "hello");
        publish("a/2", "hello");

        assertThat(store.delete("a/1")).isTrue();
        assertThat(root.resolve("a")).isDirectoryContaining("glob:**/2");
        assertThat(store.delete("a/2")).isTrue();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void deletingWhatIsNotThereIsFalse() {
        assertThat(store.delete("a/1")).isFalse();
    }

    @Test
    void aReplacedFileHasTheNewContent() throws IOException {
        publish("a/1", "old");

        store.replace("a/1/file.txt", bytes("new"));

        assertThat(store.read("a/1/file.txt", 100)).hasValue(bytes("new"));
    }

    @Test
    void aStampChangesWhenAFileIsReplacedByOneOfTheSameSizeAndTime() throws IOException {
        publish("a/1", "old");
        Path file = root.resolve("a/1/file.txt");
        FileTime time = Files.getLastModifiedTime(file);
        var before = store.files("a/1");

        store.replace("a/1/file.txt", bytes("new"));
        Files.setLastModifiedTime(file, time);

        assertThat(store.files("a/1")).isNotEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "../a", "/etc", "a//b", "a/", ".hidden", "a/../b", "a\\b", "a b", "a\0"})
    void aNameThatCouldLeadElsewhereIsRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> store.read(name, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> store.delete(name));
    }

    @Test
    void symbolicLinksAreNotFollowed() throws IOException {
        Path outside = temp.resolve("outside");
        Files.createDirectories(outside.resolve("1"));
        Files.writeString(outside.resolve("1/file.txt"), "secret");
        Files.createSymbolicLink(root.resolve("link"), outside);
        publish("a/1", "hello");
        Files.createSymbolicLink(root.resolve("a/1/link.txt"), outside.resolve("1/file.txt"));

        assertThat(store.folders("")).containsExactly("a");
        assertThat(store.folders("link")).isEmpty();
        assertThat(store.files("link/1")).isEmpty();
        assertThat(store.read("link/1/file.txt", 100)).isEmpty();
        assertThat(store.files("a/1")).containsOnlyKeys("file.txt");
    }

    @Test
    void nothingIsChangedBehindASymbolicLink() throws IOException {
        Path outside = temp.resolve("outside");
        Files.createDirectories(outside.resolve("1"));
        Files.writeString(outside.resolve("1/file.txt"), "mine");
        Files.createSymbolicLink(root.resolve("link"), outside);
        Tree before = Tree.of(outside);

        assertThatExceptionOfType(Problem.class).isThrownBy(() -> store.delete("link/1"));
        assertThatExceptionOfType(Problem.class).isThrownBy(() -> store.replace("link/1/file.txt", bytes("yours")));
        assertThatExceptionOfType(Problem.class).isThrownBy(() -> publish("link/2", "yours"));

        assertThat(Tree.of(outside)).isEqualTo(before);
    }

    @Test
    void deletingAFolderSparesWhatItsLinksPointTo() throws IOException {
        Path outside = Files.writeString(temp.resolve("outside.txt"), "mine");
        publish("a/1", "hello");
        Files.createSymbolicLink(root.resolve("a/1/link.txt"), outside);

        store.delete("a/1");

        assertThat(outside).hasContent("mine");
    }

    @Test
    void oldLeftoversOfAKilledPublisherAreRemovedAndYoungOnesAreNot() throws IOException {
        Instant now = Instant.now();
        Path old = leftover(".draft-old", now.minus(Duration.ofHours(2)));
        Path trash = leftover(".trash-old", now.minus(Duration.ofHours(2)));
        Path young = leftover(".draft-young", now.minus(Duration.ofMinutes(2)));
        publish("a/1", "hello");

        store.removeLeftovers(now.minus(Duration.ofHours(1)));

        assertThat(old).doesNotExist();
        assertThat(trash).doesNotExist();
        assertThat(young).exists();
        assertThat(store.folders("a")).containsExactly("1");
    }

    @Test
    void aDraftWhoseFileIsStillWrittenToIsNoLeftover() throws IOException {
        Instant now = Instant.now();
        Path draft = leftover(".draft-slow", now.minus(Duration.ofHours(2)));
        Files.setLastModifiedTime(draft.resolve("file.txt"), FileTime.from(now));

        store.removeLeftovers(now.minus(Duration.ofHours(1)));

        assertThat(draft).exists();
    }

    @Test
    void partsOfUploadsAreRemovedEachByItsOwnAge() throws IOException {
        Instant now = Instant.now();
        Path parts = Files.createDirectory(store.scratch());
        Path killed = part(parts, "upload_1.tmp", now.minus(Duration.ofHours(26)));
        Path waiting = part(parts, "upload_2.tmp", now.minus(Duration.ofHours(3)));
        Path arriving = part(parts, "upload_3.tmp", now);

        store.removeLeftovers(now.minus(Duration.ofHours(1)));

        assertThat(killed).doesNotExist();
        assertThat(waiting).exists();
        assertThat(arriving).exists();
    }

    @Test
    void leftoversAreLookedForAgainLater() throws IOException {
        Instant now = Instant.now();
        Path old = leftover(".trash-old", now.minus(Duration.ofHours(25)));
        Path young = leftover(".draft-young", now.minus(Duration.ofHours(2)));

        try (var leftovers = new Leftovers(List.of(store), () -> now)) {
            leftovers.remove();
        }

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void aRootThatDoesNotExistIsEmptyUntilSomethingIsPublished() throws IOException {
        var elsewhere = new FolderStore(temp.resolve("not/yet"));

        assertThat(elsewhere.folders("")).isEmpty();
        elsewhere.removeLeftovers(Instant.now());
        assertThat(temp.resolve("not")).doesNotExist();
        try (Draft draft = elsewhere.draft()) {
            assertThat(draft.publish("a/1")).isTrue();
        }
        assertThat(elsewhere.folders("a")).containsExactly("1");
    }

    private static Path part(Path folder, String name, Instant time) throws IOException {
        return Files.setLastModifiedTime(Files.writeString(folder.resolve(name), "half"), FileTime.from(time));
    }

    private Path leftover(String name, Instant time) throws IOException {
        Path folder = Files.createDirectory(root.resolve(name));
        Files.setLastModifiedTime(Files.writeString(folder.resolve("file.txt"), "half"), FileTime.from(time));
        return Files.setLastModifiedTime(folder, FileTime.from(time));
    }

    private void publish(String name, String content) throws IOException {
        try (Draft draft = store.draft()) {
            draft.write("file.txt", stream(content), 100);
            assertThat(draft.publish(name)).isTrue();
        }
    }

    private static ByteArrayInputStream stream(String content) {
        return new ByteArrayInputStream(bytes(content));
    }

    private static byte[] bytes(String content) {
        return content.getBytes(StandardCharsets.UTF_8);
    }
}
