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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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

    private record Alias(String model, String name) {}

    private final ModelRepository repository;
    private final InferenceMeters meters;
    private final long idleNanos;
    private final Slots slots;
    private final Map<Alias, LoadedModel> serving = new ConcurrentHashMap<>();
    /** The versions that are missing and were told to be, so that each is told once. */
    private final Map<Alias, Integer> missing = new HashMap<>();

    private final Semaphore nudges = new Semaphore(0);

    private volatile boolean running;
    private volatile CompletableFuture<Void> ready = new CompletableFuture<>();
    private @Nullable Thread thread;

    LoadedModels(
            ModelRepository repository, ModelLoader loader, InferenceProperties properties, InferenceMeters meters) {
        this.repository = repository;
        this.slots = new Slots(repository, loader);
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
                    throw meters.counted(Slots.unavailable(name, number, reason));
                case Version.Sound sound -> {
                    if (!isReady()) {
                        throw meters.counted(
                                Problem.of(Fault.UNAVAILABLE, "Model '%s' is being loaded".formatted(name)));
                    }
                    if (!running) {
                        throw meters.counted(
                                Problem.of(Fault.UNAVAILABLE, "Model '%s' is being unloaded".formatted(name)));
                    }
                    Slot slot = slots.of(sound, versionOrAlias.equals(String.valueOf(sound.number())));
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
            case Version.Sound sound -> slots.status(sound);
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
        slots.loadPending();
        slots.dropUnused(kept, serving::containsValue, idleNanos);
    }

    /** Lets an alias serve what it names, or the best there is while that cannot be. */
    private void serve(Model model, String alias, Set<Slot> kept) {
        var key = new Alias(model.name(), alias);
        for (Version candidate : candidates(model, alias)) {
            if (candidate instanceof Version.Sound sound) {
                Slot slot = slots.of(sound, false);
                kept.add(slot);
                slots.load(slot);
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
            Slot held = slots.holding(still);
            if (held != null) {
                kept.add(held);
            }
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

    int count(State state) {
        return slots.count(state);
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
        slots.dropAll();
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
