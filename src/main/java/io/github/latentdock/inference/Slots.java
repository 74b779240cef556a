package io.github.latentdock.inference;

import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.inference.LoadedModels.Status;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The versions that are in memory, on their way there, or were found impossible to load. */
final class Slots {

    private static final Logger log = LoggerFactory.getLogger(Slots.class);

    private record Key(String model, int version) {}

    private final ModelRepository repository;
    private final ModelLoader loader;
    private final Map<Key, Slot> slots = new ConcurrentHashMap<>();
    private final Queue<Slot> replaced = new ConcurrentLinkedQueue<>();
    private final Executor preparations = BackgroundThread.named("model-preparer");

    Slots(ModelRepository repository, ModelLoader loader) {
        this.repository = repository;
        this.loader = loader;
    }

    /**
     * The place of a version, made if need be.
     *
     * @param byNumber whether somebody asks for it by its number, and it stays for a while even if no alias names it
     */
    Slot of(Version.Sound version, boolean byNumber) {
        return slots.compute(new Key(version.model(), version.number()), (key, known) -> {
            Slot slot = known;
            if (slot == null || slot.version() != version) {
                if (slot != null) {
                    replaced.add(slot);
                }
                slot = new Slot(version);
            }
            if (byNumber) {
                slot.wantByNumber();
            }
            return slot;
        });
    }

    @Nullable
    Slot holding(LoadedModel model) {
        return slots.values().stream()
                .filter(slot -> slot.loaded() == model)
                .findAny()
                .orElse(null);
    }

    Status status(Version.Sound version) {
        Slot slot = slots.get(new Key(version.model(), version.number()));
        return slot == null || slot.version() != version ? new Status(State.IDLE, null) : slot.status();
    }

    int count(State state) {
        return (int) slots.values().stream()
                .filter(slot -> slot.status().state() == state)
                .count();
    }

    /** Loads what requests wait for. */
    void loadPending() {
        slots.values().forEach(this::load);
    }

    /** Loads a version, or finds why it cannot be; does nothing if that was done. */
    void load(Slot slot) {
        if (!slot.isPending()) {
            return;
        }
        Version.Sound version = slot.version();
        try {
            long start = System.nanoTime();
            LoadedModel loaded = loader.load(version);
            slot.succeed(loaded);
            preparations.execute(() -> prepare(loaded));
            log.info(
                    "Loaded version {} of model '{}' in {} ms",
                    version.number(),
                    version.model(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        } catch (Throwable failure) {
            fail(slot, failure);
        }
    }

    private void fail(Slot slot, Throwable failure) {
        Version.Sound version = slot.version();
        Problem gone = whyGone(version);
        if (gone != null) {
            slot.fail(gone);
            log.info("Version {} of model '{}' was deleted before it was loaded", version.number(), version.model());
            return;
        }
        slot.fail(unavailable(
                version.model(),
                version.number(),
                // Where the files are is for the log alone.
                failure instanceof UncheckedIOException
                        ? "its files cannot be read"
                        : String.valueOf(failure.getMessage())));
        log.error(
                "Version {} of model '{}' cannot be served and is tried again when its files change; whatever was served before goes on: {}",
                version.number(),
                version.model(),
                failure.getMessage(),
                failure instanceof Problem ? null : failure);
    }

    /** What is deleted while it is loaded cannot be, which is no fault of its. */
    private @Nullable Problem whyGone(Version.Sound version) {
        try {
            repository.scan().model(version.model()).version(String.valueOf(version.number()));
            return null;
        } catch (UncheckedIOException unknown) {
            return null;
        } catch (Problem notFound) {
            return notFound;
        }
    }

    static Problem unavailable(String model, int version, String reason) {
        return Problem.of(
                Fault.UNAVAILABLE, "Version %d of model '%s' cannot be served: %s".formatted(version, model, reason));
    }

    private static void prepare(LoadedModel model) {
        if (model.retain()) {
            try {
                model.densities().prepare();
            } finally {
                model.release();
            }
        }
    }

    /**
     * Unloads what nobody needs.
     *
     * @param named what an alias names
     * @param serving what an alias serves: what was written over serves on until what replaces it can
     * @param idleNanos how long a version that was asked for by its number stays after its last request
     */
    void dropUnused(Collection<Slot> named, Predicate<LoadedModel> serving, long idleNanos) {
        replaced.removeIf(slot -> {
            LoadedModel loaded = slot.loaded();
            boolean drop = loaded == null || !serving.test(loaded);
            if (drop) {
                slot.drop();
            }
            return drop;
        });
        slots.keySet()
                .forEach(key -> slots.computeIfPresent(key, (ignored, slot) -> {
                    // Not the snapshot that the aliases come from: a request may wait for what was published since.
                    if (named.contains(slot) || (isCurrent(slot) && slot.isInUse(idleNanos))) {
                        return slot;
                    }
                    slot.drop();
                    return null;
                }));
    }

    private boolean isCurrent(Slot slot) {
        Model model = repository.snapshot().models().get(slot.version().model());
        return model != null && model.versions().get(slot.version().number()) == slot.version();
    }

    void dropAll() {
        slots.values().forEach(Slot::drop);
        slots.clear();
        replaced.forEach(Slot::drop);
        replaced.clear();
    }
}
