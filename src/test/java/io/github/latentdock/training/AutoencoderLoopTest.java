package io.github.latentdock.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.dataset.DatasetParts;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.RegistryParts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** Autoencoders that are trained by a worker, and go on: from checkpoints and from parents. */
class AutoencoderLoopTest {

    private static final String DATASET = "fashion-mnist-sample";
    private static final Map<String, Object> SHORT = Map.of("epochs", 2);
    /** Fewer are held out than of its parent, so that its examples are new ones. */
    private static final Map<String, Object> CHILD =
            Map.of("epochs", 2, "seed", 8, "validation", Map.of("fraction", 0.005), "parent", "fashion@1");

    @TempDir
    Path folder = Path.of("");

    private @Nullable House opened;

    private House house(Job job) {
        House house = House.of(Database.H2.open(), folder, job);
        opened = house;
        return house;
    }

    @AfterEach
    void close() {
        requireNonNull(opened).close();
    }

    @Test
    void theVersionTellsWhatItWasMadeWith() {
        House house = house(Job.VAE);
        trained(house, Job.VAE, SHORT);

        assertThat(house.manifest("fashion", 1).provenance())
                .containsEntry("java", Runtime.version().toString())
                .containsEntry("djl", "0.35.1")
                .containsEntry("pytorch", "2.7.1")
                .containsEntry("datasetRows", 900);
    }

    /** One batch of 1000 examples, though there would be room for 65 times as many. */
    @Test
    void examplesAreCountedAndNotPlacesInBatches() {
        House house = house(Job.VAE);
        Training training = trained(
                house,
                Job.VAE,
                Map.of(
                        "epochs",
                        1,
                        "batchSize",
                        65_536,
                        "validation",
                        Map.of("fraction", 0.001),
                        "earlyStopping",
                        Map.of("patience", 1)));

        TrainingEpoch epoch = house.trainings.epochs(training.id()).getFirst();
        // The epoch's seconds have those in which it was validated, too: so the product is a little more than 999.
        assertThat(epoch.imagesPerSecond() * epoch.seconds()).isBetween(999 * 0.99, 999 * 10.0);
    }

    /** In its last step, after which no loss tells: nothing is held out. */
    @ParameterizedTest
    @EnumSource(names = {"VAE", "AD"})
    void whatHasDivergedInItsLastStepMakesNoVersion(Job job) {
        House house = house(job);
        var plan = new HashMap<String, Object>(Map.of(
                "epochs",
                1,
                "batchSize",
                1000,
                "optimizer",
                Map.of("learningRate", 1e38),
                "validation",
                Map.of("fraction", 0)));
        plan.put("earlyStopping", null);
        String id = house.submit(job, job.plan(plan)).id();
        house.run(id);

        assertThat(house.trainings.require(id)).returns(Status.FAILED, Training::status);
        assertThat(house.trainings.require(id).failure())
                .startsWith("What was learned is not finite: ")
                .endsWith(
                        ": a smaller optimizer.learningRate, or optimizer.clip, may help; so may values of the data in a smaller range");
        assertThat(house.models.scan().models()).isEmpty();
    }

    /** The parent's codes are replayed, or its weights gone on from. */
    @ParameterizedTest
    @EnumSource(names = {"VAE", "AD"})
    void whatGoesOnFromAParentAndIsInterruptedEndsTheSame(Job job) {
        House house = house(job);
        trained(house, job, SHORT);
        Training straight = trained(house, job, CHILD);
        String id = house.submit(job, job.plan(CHILD)).id();
        for (int looks : new int[] {5, 17, 1}) {
            house.worker.run(id, afterLooks(looks));
            assertThat(house.trainings.require(id).status()).isEqualTo(Status.QUEUED);
        }
        house.run(id);

        Training interrupted = house.trainings.require(id);
        assertThat(interrupted.failure()).isNull();
        for (String file : job.files()) {
            assertThat(house.file("fashion", requireNonNull(interrupted.version()), file))
                    .as(file)
                    .isEqualTo(house.file("fashion", requireNonNull(straight.version()), file));
        }
        Manifest first = house.manifest("fashion", requireNonNull(straight.version()));
        Manifest second = house.manifest("fashion", requireNonNull(interrupted.version()));
        assertThat(second.metrics()).isEqualTo(first.metrics());
        assertThat(second.metrics().containsKey("forgotten")).isEqualTo(job == Job.AD);
    }

    @Test
    void dataThatBecomesShorterEndsTheTrainingAndNotTheProcess() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data").resolve(DATASET));
        for (String file : List.of("dataset.json", "values.bin", "labels.bin")) {
            Files.copy(Path.of("data").resolve(DATASET).resolve(file), data.resolve(file));
        }
        House house = House.of(
                Database.H2.open(),
                folder,
                new AutoencoderLoops(
                        DatasetParts.at(folder.resolve("data")),
                        RegistryParts.at(folder.resolve("models")).repository(),
                        Plans.JSON,
                        House.properties(folder)));
        opened = house;
        String id = house.submit(Job.VAE, Job.VAE.plan(SHORT)).id();
        var looks = new AtomicInteger();

        house.worker.run(id, () -> {
            if (looks.incrementAndGet() == 3) {
                truncate(data.resolve("values.bin"));
            }
            return null;
        });

        Training training = house.trainings.require(id);
        assertThat(training.status()).isEqualTo(Status.FAILED);
        assertThat(training.failure())
                .startsWith(
                        "values.bin of dataset 'fashion-mnist-sample' was changed while it was read: it has 4096 bytes, 784000 are needed.");
    }

    private static void truncate(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(4096);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aModelWithAnEncoderGoesOnFromItsCheckpointWithoutItsParent() throws IOException {
        House house = house(Job.VAE);
        trained(house, Job.VAE, SHORT);
        String other = "e".repeat(64);
        told("fashion", 1, provenance -> provenance.putObject("heldOut").put(other, 0.25));
        Training straight = trained(house, Job.VAE, CHILD);
        String id = house.submit(Job.VAE, Job.VAE.plan(CHILD)).id();
        house.worker.run(id, () -> house.checkpoints.list(id).isEmpty() ? null : "a test asks for it");
        house.publisher.delete("fashion", 1);
        house.run(id);

        Training training = house.trainings.require(id);
        assertThat(training.failure()).isNull();
        assertThat(house.file("fashion", requireNonNull(training.version()), "weights.safetensors"))
                .isEqualTo(house.file("fashion", requireNonNull(straight.version()), "weights.safetensors"));
        assertThat(house.manifest("fashion", requireNonNull(training.version())).provenance())
                .containsEntry("parent", "fashion@1")
                .containsEntry("heldOut", Map.of(training.datasetDigest(), 0.005, other, 0.25));
    }

    @Test
    void anAutoDecoderWhoseParentIsGoneSaysSo() {
        House house = house(Job.AD);
        trained(house, Job.AD, SHORT);
        String id = house.submit(Job.AD, Job.AD.plan(CHILD)).id();
        house.worker.run(id, () -> house.checkpoints.list(id).isEmpty() ? null : "a test asks for it");
        house.publisher.delete("fashion", 1);
        house.run(id);

        assertThat(house.trainings.require(id)).returns(Status.FAILED, Training::status);
        assertThat(house.trainings.require(id).failure())
                .startsWith(
                        "The parent fashion@1 of digest %s is needed, and cannot be gone on from: There is no model 'fashion'"
                                .formatted(house.trainings.require(id).parentDigest()))
                .endsWith("; put it back as it was, then resume");
        assertThat(house.checkpoints.list(id)).isNotEmpty();
    }

    /** One bit of a weight: nothing but the digest tells. */
    @Test
    void aParentThatIsNotWhatItWasIsNotGoneOnFrom() throws IOException {
        House house = house(Job.VAE);
        trained(house, Job.VAE, SHORT);
        Path weights = folder.resolve("models/fashion/1/weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 4] ^= 1;
        Files.write(weights, bytes);
        house.models.scan();
        String id = house.submit(Job.VAE, Job.VAE.plan(CHILD)).id();
        house.run(id);

        assertThat(house.trainings.require(id).failure())
                .contains(" is needed, and cannot be gone on from: weights.safetensors has the SHA-256");
    }

    @Test
    void aVersionTellsTheDigestOfItsParentsFiles() throws Exception {
        House house = house(Job.AD);
        trained(house, Job.AD, SHORT);
        Training child = trained(house, Job.AD, CHILD);

        // As sha256sum codes.safetensors weights.safetensors | sha256sum does.
        var printed = new StringBuilder();
        for (String file : List.of("codes.safetensors", "weights.safetensors")) {
            printed.append(sha256(house.file("fashion", 1, file)))
                    .append("  ")
                    .append(file)
                    .append('\n');
        }
        String digest = sha256(printed.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(child.parentDigest()).isEqualTo(digest);
        assertThat(house.manifest("fashion", requireNonNull(child.version())).provenance())
                .containsEntry("parent", "fashion@1")
                .containsEntry("parentDigest", digest);
        assertThat(house.manifest("fashion", 1).provenance()).doesNotContainKey("parentDigest");
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** A manifest that somebody wrote by hand need not tell the files' digests. */
    @Test
    void aParentIsKnownByItsFilesWhetherItsManifestTellsOfThemOrNot() throws IOException {
        House house = house(Job.VAE);
        trained(house, Job.VAE, SHORT);
        String told = requireNonNull(requireNonNull(
                        Job.VAE.loops(house.models).check(Job.VAE.plan(CHILD)).pinned())
                .parent());
        Path file = folder.resolve("models/fashion/1/model.json");
        var manifest = (ObjectNode) Plans.JSON.readTree(file);
        manifest.remove("files");
        Files.writeString(file, manifest.toString());

        assertThat(requireNonNull(
                        Job.VAE.loops(house.models).check(Job.VAE.plan(CHILD)).pinned()))
                .returns(told, Pinned::parent);
    }

    /** Its version was deleted, and the number given again, while the training waited, or while it was interrupted. */
    @ParameterizedTest
    @CsvSource({"VAE, false", "AD, false", "AD, true"})
    void aParentWhoseNumberWasGivenAgainIsNotGoneOnFrom(Job job, boolean begun) throws IOException {
        House house = house(job);
        trained(house, job, SHORT);
        String id = house.submit(job, job.plan(CHILD)).id();
        if (begun) {
            house.worker.run(id, () -> house.checkpoints.list(id).isEmpty() ? null : "a test asks for it");
        }
        String was = requireNonNull(house.trainings.require(id).parentDigest());
        Path parent = folder.resolve("models/fashion/1");
        FileSystemUtils.copyRecursively(parent, folder.resolve("elsewhere"));
        house.publisher.delete("fashion", 1);
        trained(house, job, Map.of("epochs", 2, "seed", 99));
        String is = requireNonNull(
                requireNonNull(job.loops(house.models).check(job.plan(CHILD)).pinned())
                        .parent());
        house.run(id);

        assertThat(is).isNotEqualTo(was);
        assertThat(house.trainings.require(id))
                .returns(Status.FAILED, Training::status)
                .returns(
                        "The parent fashion@1 is another version now, of digest %s; the plan was taken with the one of digest %s: put that one back and resume, or send the plan again to go on from what is there now"
                                .formatted(is, was),
                        Training::failure);

        FileSystemUtils.deleteRecursively(parent);
        FileSystemUtils.copyRecursively(folder.resolve("elsewhere"), parent);
        house.queue.resume(id);
        house.run(id);
        assertThat(house.trainings.require(id)).returns(null, Training::failure).returns(2, Training::version);
    }

    /** Nobody noted what its parent was when an older service took the plan. */
    @Test
    void aPlanOfAnOlderServiceGoesOnFromWhatIsThere() {
        House house = house(Job.VAE);
        trained(house, Job.VAE, SHORT);
        String id = house.submit(Job.VAE, Job.VAE.plan(CHILD)).id();
        house.jdbc.sql("update trainings set parent_digest = null").update();
        house.publisher.delete("fashion", 1);
        trained(house, Job.VAE, Map.of("epochs", 2, "seed", 99));
        house.run(id);

        assertThat(house.trainings.require(id)).returns(Status.SUCCEEDED, Training::status);
    }

    /** The versions between a child and who was trained on an example may be gone. */
    @Test
    void nothingIsHeldOutThatALineageWasTrainedOn() throws IOException {
        House house = house(Job.VAE);
        String id = trained(house, Job.VAE, Map.of("epochs", 1, "validation", Map.of("fraction", 0.2)))
                .datasetDigest();
        trained(house, Job.VAE, Map.of("epochs", 1, "validation", Map.of("fraction", 0.05), "parent", "fashion@1"));

        assertThat(house.manifest("fashion", 1).provenance()).containsEntry("heldOut", Map.of(id, 0.2));
        assertThat(house.manifest("fashion", 2).provenance()).containsEntry("heldOut", Map.of(id, 0.05));
        // The first holds out more than by default.
        assertThat(fraction(house, "fashion@1", Map.of())).isEqualTo(0.1);
        assertThat(fraction(house, "fashion@2", Map.of())).isEqualTo(0.05);
        assertThat(faults(house, "fashion@1", Map.of("validation", Map.of("fraction", 0.2))))
                .isEmpty();
        assertThat(faults(house, "fashion@2", Map.of("validation", Map.of("fraction", 0.1))))
                .containsExactly(
                        "validation.fraction is 0.1; at most 0.05 is possible, since the parent fashion@2, or what it goes on from, was trained on all examples of dataset 'fashion-mnist-sample' but this share, and what was trained on judges nothing");

        told("fashion", 2, provenance -> provenance.putObject("heldOut").put(id, 0.0));
        assertThat(fraction(house, "fashion@2", Map.of())).isZero();
        assertThat(faults(house, "fashion@2", Map.of("earlyStopping", Map.of("patience", 1), "epochs", 0)))
                .containsExactlyInAnyOrder(
                        "epochs is 0, 1 to 100000 are possible",
                        "validation.fraction is 0.0, which holds none of 1000 examples out; earlyStopping needs some, but the parent's lineage was trained on all");
        // An older service noted no more than the plan.
        told("fashion", 2, provenance -> provenance.remove("heldOut"));
        assertThat(fraction(house, "fashion@2", Map.of())).isEqualTo(0.05);
        // Somebody wrote this by hand.
        told("fashion", 2, provenance -> provenance.put("heldOut", "?").put("plan", "?"));
        assertThat(fraction(house, "fashion@2", Map.of())).isEqualTo(0.1);
    }

    private static double fraction(House house, String parent, Map<String, Object> more) {
        return new PlanCheck(house.models, Job.VAE.loops(house.models))
                .check(goingOn(parent, more))
                .plan()
                .validation()
                .fraction();
    }

    private static List<String> faults(House house, String parent, Map<String, Object> more) {
        try {
            new PlanCheck(house.models, Job.VAE.loops(house.models)).check(goingOn(parent, more));
            return List.of();
        } catch (Problem problem) {
            return problem.errors().stream().map(Problem.FieldError::detail).toList();
        }
    }

    private static PlanRequest goingOn(String parent, Map<String, Object> more) {
        var json = new LinkedHashMap<String, Object>(
                Map.of("model", "fashion", "dataset", DATASET, "objective", Map.of("type", "vae"), "parent", parent));
        json.putAll(more);
        return Plans.JSON.convertValue(json, PlanRequest.class);
    }

    /** Changes the provenance of a version. */
    private void told(String model, int number, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("models").resolve(model).resolve(number + "/model.json");
        var manifest = (ObjectNode) Plans.JSON.readTree(file);
        change.accept((ObjectNode) manifest.path("provenance"));
        Files.writeString(file, manifest.toString());
    }

    /** As many codes as there are examples are all of them, unless there were a parent's beside them. */
    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void theParentsExamplesAreKnownWhereAllOfItsCodesWereKept(CapturedOutput log) {
        House house = house(Job.AD);
        trained(house, Job.AD, Map.of("epochs", 1, "keepCodes", 990));
        trained(house, Job.AD, Map.of("epochs", 1, "keepCodes", 3000, "parent", "fashion@1"));
        trained(house, Job.AD, Map.of("epochs", 1, "parent", "fashion@2"));
        assertThat(log.getAll()).doesNotContain("are looked for");
        Map<String, Object> more = Map.of("fraction", 0.005);
        trained(house, Job.AD, Map.of("epochs", 1, "validation", more, "keepCodes", 995, "parent", "fashion@3"));
        assertThat(log.getAll())
                .containsOnlyOnce(
                        "Before the first batch for model fashion, codes of 995 examples are looked for with the decoder of fashion@3");
        trained(house, Job.AD, Map.of("epochs", 1, "validation", more, "parent", "fashion@4"));

        assertThat(IntStream.rangeClosed(1, 5)
                        .mapToObj(number -> house.manifest("fashion", number))
                        .map(manifest -> manifest.metrics().containsKey("forgotten")))
                .containsExactly(false, false, false, true, true);
        assertThat(IntStream.rangeClosed(1, 5)
                        .mapToObj(number -> house.manifest("fashion", number))
                        .map(manifest -> manifest.provenance().get("codes")))
                .containsExactly(990, 990, 990, 1985, 1990);
    }

    @Test
    void aDatasetThatIsGoneIsNamed() {
        House house = house(Job.VAE);
        String gone = "e".repeat(64);
        String id = house.queue
                .submit(new PlanCheck.Checked(Job.VAE.plan(), new Pinned(gone, null)))
                .id();
        house.run(id);

        assertThat(house.trainings.require(id).failure())
                .startsWith("The dataset 'fashion-mnist-sample' of id %s is gone, what is called so now has id "
                        .formatted(gone))
                .endsWith("; upload the same files again, then resume");
    }

    private static Training trained(House house, Job job, Map<String, Object> more) {
        String id = house.submit(job, job.plan(more)).id();
        house.run(id);
        Training training = house.trainings.require(id);
        assertThat(training.failure()).isNull();
        assertThat(training.status()).isEqualTo(Status.SUCCEEDED);
        return training;
    }

    private static Supplier<@Nullable String> afterLooks(int looks) {
        var left = new AtomicInteger(looks);
        return () -> left.getAndDecrement() > 0 ? null : "a test asks for it";
    }
}
