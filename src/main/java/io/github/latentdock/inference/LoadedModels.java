package io.github.latentdock.inference;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Snapshot;
import io.github.latentdock.registry.Version;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Keeps in memory what the repository's aliases name, and for a while whatever else is asked for by its number. When an alias
 * moves, the version it names is loaded and warm before requests go there; the one before is closed when its last request ends.
 */
@Component
final class LoadedModels implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);
    private static final long POLL_MILLIS = 1000;

    private record Key(String model, int version) {}

    private record Alias(String model, String name) {}

    private final ModelRepository repository;
    private final ModelLoader loader;
    private final InferenceMeters meters;
    private final long idleNanos;
    private final Map<Key, Slot> slots = new ConcurrentHashMap<>();
    private final Map<Alias, LoadedModel> serving = new ConcurrentHashMap<>();
    /** The versions that are missing and were told to be, so that each is told once. */
    private final Map<Alias, Integer> missing = new HashMap<>();

    private final Queue<Slot> replaced = new ConcurrentLinkedQueue<>();
    private final Semaphore nudges = new Semaphore(0);
    private final Executor preparations = BackgroundThread.named("model-preparer");

    private volatile boolean running;
    private volatile CompletableFuture<Void> ready = new CompletableFuture<>();
    private @Nullable Thread thread;

    LoadedModels(
            ModelRepository repository, ModelLoader loader, InferenceProperties properties, InferenceMeters meters) {
        this.repository = repository;
        this.loader = loader;
        this.meters = meters;
        this.idleNanos = properties.idle().toNanos();
        meters.gauge("latentdock.models.loaded", "Versions in memory", this, models -> models.count(State.READY));
        meters.gauge("latentdock.models.failed", "Versions that cannot be served", this, LoadedModels::failed);
    }

    /** Whether a version can answer. */
    enum State {
        /** In memory and warm. */
        READY,
        /** Being read. */
        LOADING,
        /** Not in memory; the first request loads it. */
        IDLE,
        /** Cannot be served, for the reason told. */
        FAILED
    }

    /** @param reason why it is FAILED */
    record Status(State state, @Nullable String reason) {}

    /** Whether everything that was there at the start has been loaded, or has been found broken. */
    boolean isReady() {
        return ready.isDone();
    }

    /** Runs something as soon as that is so. */
    void whenReady(Runnable action) {
        ready.thenRun(action);
    }

    /**
     * Finds the version that a request means, loading it if need be, and holds it; {@link LoadedModel#release} lets go.
     *
     * @throws Problem NOT_FOUND when there is none, UNAVAILABLE when it cannot be served, DEADLINE_EXCEEDED when loading it took
     *     too long
     */
    LoadedModel hold(String name, String versionOrAlias, Call call) {
        while (true) {
            LoadedModel served = serving.get(new Alias(name, versionOrAlias));
            if (served != null && served.retain()) {
                return served;
            }
            Model model = repository.snapshot().model(name);
            switch (model.version(versionOrAlias)) {
                case Version.Faulty(var ignored, int number, String reason) ->
                    throw meters.counted(unavailable(name, number, reason));
                case Version.Sound sound -> {
                    if (!isReady()) {
                        throw meters.counted(
                                Problem.of(Fault.UNAVAILABLE, "Model '%s' is being loaded".formatted(name)));
                    }
                    if (!running) {
                        throw meters.counted(
                                Problem.of(Fault.UNAVAILABLE, "Model '%s' is being unloaded".formatted(name)));
                    }
                    Slot slot = slot(sound, versionOrAlias.equals(String.valueOf(sound.number())));
                    if (slot.isPending()) {
                        nudges.release();
                    }
                    LoadedModel loaded = await(slot, call);
                    // Else the version was deleted, written over or unloaded meanwhile: what is there now tells.
                    if (loaded != null && loaded.retain()) {
                        return loaded;
                    }
                }
            }
        }
    }

    private @Nullable LoadedModel await(Slot slot, Call call) {
        try {
            return slot.await(call);
        } catch (RuntimeException refused) {
            throw meters.counted(refused);
        }
    }

    Status status(Version version) {
        return switch (version) {
            case Version.Faulty faulty -> new Status(State.FAILED, faulty.reason());
            case Version.Sound sound -> {
                Slot slot = slots.get(new Key(sound.model(), sound.number()));
                yield slot == null || slot.version() != sound ? new Status(State.IDLE, null) : slot.status();
            }
        };
    }

    /** The number of the version that an alias serves now, which is not yet the one it names while that is being loaded. */
    @Nullable
    Integer served(String model, String alias) {
        LoadedModel served = serving.get(new Alias(model, alias));
        return served == null ? null : served.version();
    }

    /** One look at the repository and all that follows from it. Runs in the loading thread only. */
    private void reconcile() {
        Snapshot snapshot = repository.scan();
        Set<Alias> aliases = new HashSet<>();
        Set<Slot> kept = new HashSet<>();
        for (Model model : snapshot.models().values()) {
            for (String alias : aliasNames(model)) {
                aliases.add(new Alias(model.name(), alias));
                serve(model, alias, kept);
            }
        }
        serving.keySet().retainAll(aliases);
        missing.keySet().retainAll(aliases);
        slots.values().stream().filter(Slot::isPending).toList().forEach(this::load);
        // What was written over serves on until what replaces it can.
        replaced.removeIf(slot -> {
            LoadedModel loaded = slot.loaded();
            boolean drop = loaded == null || !serving.containsValue(loaded);
            if (drop) {
                slot.drop();
            }
            return drop;
        });
        slots.keySet()
                .forEach(key -> slots.computeIfPresent(key, (ignored, slot) -> {
                    // Not the snapshot of above: a request may wait for what was published since.
                    if (kept.contains(slot) || (isCurrent(slot) && slot.isInUse(idleNanos))) {
                        return slot;
                    }
                    slot.drop();
                    return null;
                }));
    }

    /** Lets an alias serve what it names, or the best there is while that cannot be. */
    private void serve(Model model, String alias, Set<Slot> kept) {
        var key = new Alias(model.name(), alias);
        for (Version candidate : candidates(model, alias)) {
            if (candidate instanceof Version.Sound sound) {
                Slot slot = slot(sound, false);
                kept.add(slot);
                load(slot);
                LoadedModel loaded = slot.loaded();
                if (loaded != null) {
                    missing.remove(key);
                    LoadedModel before = serving.put(key, loaded);
                    if (before != loaded) {
                        log.info(
                                "'{}' of model '{}' is served by version {}{}",
                                alias,
                                model.name(),
                                loaded.version(),
                                before == null
                                        ? ""
                                        : "; version %d closes when its last request ends".formatted(before.version()));
                    }
                    return;
                }
            }
        }
        LoadedModel still = serving.get(key);
        tellMissing(model, key, still);
        if (still != null) {
            slots.values().stream().filter(slot -> slot.loaded() == still).forEach(kept::add);
        }
    }

    private void tellMissing(Model model, Alias alias, @Nullable LoadedModel still) {
        Integer set = model.aliases().get(alias.name());
        if (set == null || model.versions().containsKey(set)) {
            missing.remove(alias);
        } else if (!set.equals(missing.put(alias, set))) {
            log.warn(
                    "'{}' of model '{}' names version {}, which is not there; {} until it is, or the alias is moved",
                    alias.name(),
                    model.name(),
                    set,
                    still == null
                            ? "requests get 404"
                            : "version %d, which served before, serves on".formatted(still.version()));
        }
    }

    /** What an alias may serve, best first: a set one only what it names, the default else the newest that can be loaded. */
    private static List<Version> candidates(Model model, String alias) {
        Integer set = model.aliases().get(alias);
        if (set != null) {
            Version version = model.versions().get(set);
            return version == null ? List.of() : List.of(version);
        }
        return List.copyOf(model.versions().reversed().values());
    }

    private static Set<String> aliasNames(Model model) {
        Set<String> names = new LinkedHashSet<>();
        names.add(Model.DEFAULT);
        names.addAll(model.aliases().keySet());
        return names;
    }

    /** The place of a version, made if need be. */
    private Slot slot(Version.Sound version, boolean byNumber) {
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

    private void load(Slot slot) {
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
            Problem gone = whyGone(version);
            if (gone != null) {
                slot.fail(gone);
                log.info(
                        "Version {} of model '{}' was deleted before it was loaded", version.number(), version.model());
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

    private static void prepare(LoadedModel model) {
        if (model.retain()) {
            try {
                model.densities().prepare();
            } finally {
                model.release();
            }
        }
    }

    private boolean isCurrent(Slot slot) {
        Model model = repository.snapshot().models().get(slot.version().model());
        return model != null && model.versions().get(slot.version().number()) == slot.version();
    }

    private static Problem unavailable(String model, int version, String reason) {
        return Problem.of(
                Fault.UNAVAILABLE, "Version %d of model '%s' cannot be served: %s".formatted(version, model, reason));
    }

    int count(State state) {
        return (int) slots.values().stream()
                .filter(slot -> slot.status().state() == state)
                .count();
    }

    /** How many versions cannot be served. */
    int failed() {
        return (int) repository.snapshot().models().values().stream()
                .flatMap(model -> model.versions().values().stream())
                .filter(version -> status(version).state() == State.FAILED)
                .count();
    }

    @Override
    public void start() {
        running = true;
        ready = new CompletableFuture<>();
        thread = Thread.ofPlatform().name("model-loader").daemon().start(() -> {
            while (running) {
                try {
                    reconcile();
                    ready.complete(null);
                } catch (UncheckedIOException e) {
                    log.error("The model repository cannot be read and is tried again: {}", e.getMessage());
                } catch (RuntimeException | Error e) {
                    log.error("Looking at the model repository failed and is tried again", e);
                }
                pause();
            }
        });
    }

    private void pause() {
        try {
            nudges.tryAcquire(POLL_MILLIS, TimeUnit.MILLISECONDS);
            nudges.drainPermits();
        } catch (InterruptedException e) {
            running = false;
        }
    }

    @Override
    public void stop() {
        running = false;
        Thread loading = thread;
        if (loading != null) {
            nudges.release();
            try {
                loading.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        serving.clear();
        slots.values().forEach(Slot::drop);
        slots.clear();
        replaced.forEach(Slot::drop);
        replaced.clear();
    }

    /** Loading starts while the rest of the application does; it stops when the web server has. */
    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
