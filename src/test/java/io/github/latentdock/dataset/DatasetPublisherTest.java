package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.latentdock.dataset.DatasetPublisher.Added;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class DatasetPublisherTest {

    private static final byte[] FILE = Uploads.npy(new float[] {1, 2, 3, 4}, 2, 2);
    private static final byte[] OTHER = Uploads.npy(new float[] {5, 6}, 1, 2);

    @TempDir
    Path root = Path.of("");

    private Store store = Store.at(root);

    @BeforeEach
    void open() {
        store = Store.at(root);
    }

    @Test
    void theSameBytesAreTheSameDataset() {
        Added first = store.add("a", Options.NONE, Map.of("file", FILE));
        Added again = store.add("a", Options.NONE, Map.of("file", FILE));
        Added renamed = store.add("b", Options.NONE, Map.of("file", FILE));

        assertThat(first.isNew()).isTrue();
        assertThat(again).isEqualTo(new Added(first.dataset(), false));
        assertThat(renamed).isEqualTo(new Added(first.dataset(), false));
        assertThat(store.datasets().all()).containsExactly(first.dataset());
    }

    @Test
    void otherPartsOrOptionsMakeAnotherDataset() {
        Map<String, byte[]> labelled = Map.of("file", FILE, "labels", Uploads.idx(new byte[] {1, 2}, 2));
        Map<String, byte[]> grouped = Map.of("file", FILE, "groups", Uploads.idx(new byte[] {1, 2}, 2));

        List<String> ids = List.of(
                store.add("a", FILE).id(),
                store.add("b", Options.NONE, labelled).dataset().id(),
                store.add("c", Options.NONE, grouped).dataset().id(),
                store.add("d", new Options(null, true, null, null), Map.of("file", FILE))
                        .dataset()
                        .id());

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[0-9a-f]{64}"));
    }

    @Test
    void aNameThatIsTakenIsAConflict() {
        store.add("a", FILE);

        assertThatThrownBy(() -> store.add("a", OTHER))
                .isInstanceOf(Problem.class)
                .hasMessage("There is another dataset 'a'; choose another name, or delete it first")
                .extracting(problem -> ((Problem) problem).fault())
                .isEqualTo(Fault.CONFLICT);
        assertThat(store.datasets().require("a").rows()).isEqualTo(2);
    }

    @Test
    void aFolderThatSomebodyIsFillingIsAConflictAndNotSeen() throws IOException {
        Files.createDirectories(root.resolve("a"));
        Files.write(root.resolve("a/values.bin"), new byte[8]);

        assertThat(store.datasets().all()).isEmpty();
        assertThatThrownBy(() -> store.add("a", FILE)).hasMessageStartingWith("There is another dataset 'a'");
    }

    @Test
    void uploadsOfTheSameBytesAtOnceAreOneDataset() throws Exception {
        List<Future<Added>> uploads = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 32; i++) {
                String name = "name-" + i % 4;
                uploads.add(threads.submit(() -> store.add(name, Options.NONE, Map.of("file", FILE))));
            }
        }
        int added = 0;
        for (Future<Added> upload : uploads) {
            added += upload.get().isNew() ? 1 : 0;
        }
        assertThat(added).isEqualTo(1);
        assertThat(store.datasets().all()).hasSize(1);
        try (var left = Files.list(root)) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void datasetsAreFoundByNameAndById() {
        Dataset b = store.add("b", FILE);
        Dataset a = store.add("a", OTHER);

        assertThat(store.datasets().all()).containsExactly(a, b);
        assertThat(store.datasets().require(b.id())).isEqualTo(b);
        assertThatThrownBy(() -> store.datasets().require("c"))
                .isInstanceOf(Problem.class)
                .hasMessage("There is no dataset 'c'; there are a, b");
    }

    @Test
    void whatIsWrittenIsReadByTheNextProcess() {
        Map<String, byte[]> parts = Map.of(
                "file", Uploads.npy(new float[] {0.5f, 1, 2, 4}, 2, 2),
                "labels", Uploads.text("x\ny\n"),
                "mask", Uploads.idx(new byte[] {1, 0, 1, 1}, 2, 2));
        Dataset written = store.add("a", Options.NONE, parts).dataset();

        Dataset read = Store.at(root).datasets().require("a");

        assertThat(read).usingRecursiveComparison().isEqualTo(written);
    }

    @Test
    void whatIsCopiedOrRemovedByHandIsFound() throws IOException {
        store.add("a", FILE);
        Path elsewhere = root.resolveSibling(root.getFileName() + "-kept");
        FileSystemUtils.copyRecursively(root.resolve("a"), elsewhere.resolve("a"));
        Files.writeString(elsewhere.resolve("a/LICENSE.txt"), "as you like");
        FileSystemUtils.deleteRecursively(root.resolve("a"));
        assertThat(store.datasets().all()).isEmpty();

        FileSystemUtils.copyRecursively(elsewhere, root);

        assertThat(store.values(store.datasets().require("a"))).containsExactly(1, 2, 3, 4);
        FileSystemUtils.deleteRecursively(elsewhere);
    }

    @Test
    void aDatasetWithAFaultIsLeftOutUntilItIsMended() throws IOException {
        store.add("a", FILE);
        store.add("b", OTHER);
        Path values = root.resolve("a/values.bin");
        byte[] right = Files.readAllBytes(values);
        Files.write(values, new byte[15]);
        Path json = root.resolve("b/dataset.json");
        String text = Files.readString(json);
        for (String wrong : List.of(
                "{", "null", "{}", text.replace("\"b\"", "\"c\""), text.replace("\"rows\" : 1", "\"rows\" : 0"))) {
            Files.writeString(json, wrong);
            assertThat(store.datasets().all()).as(wrong).isEmpty();
        }

        Files.write(values, right);
        Files.writeString(json, text);

        assertThat(store.datasets().all()).extracting(Dataset::name).containsExactly("a", "b");
    }

    @Test
    void aDatasetWithAFaultIsToldAndDeletedByItsName() throws IOException {
        store.add("a", FILE);
        store.add("b", OTHER);
        Files.write(root.resolve("a/values.bin"), new byte[15]);

        assertThatThrownBy(() -> store.datasets().require("a"))
                .isInstanceOf(Problem.class)
                .hasMessage(
                        "Dataset 'a' is faulty: values.bin has 15 bytes, 16 are needed. Mend its files, or delete it and upload it again")
                .extracting(problem -> ((Problem) problem).fault())
                .isEqualTo(Fault.NOT_FOUND);
        store.publisher().delete("a");

        assertThat(root.resolve("a")).doesNotExist();
        assertThat(store.values(store.add("a", FILE))).containsExactly(1, 2, 3, 4);
        assertThat(store.datasets().all()).extracting(Dataset::name).containsExactly("a", "b");
    }

    @Test
    void whatIsNotThereCannotBeDeleted() {
        assertThatThrownBy(() -> store.publisher().delete("a"))
                .isInstanceOf(Problem.class)
                .hasMessage("There is no dataset 'a'; there is none");
    }
}
