package io.github.latentdock.inference;

import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.inference.LoadedModels.Status;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.registry.Version;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A version's place in memory: to be loaded, loaded, or found impossible to load. */
final class Slot {

    private final Version.Sound version;
    private final CompletableFuture<LoadedModel> model = new CompletableFuture<>();
    private volatile boolean wantedByNumber;

    Slot(Version.Sound version) {
        this.version = version;
    }

    Version.Sound version() {
        return version;
    }

    boolean isPending() {
        return !model.isDone();
    }

    void succeed(LoadedModel loaded) {
        if (!model.complete(loaded)) {
            loaded.release();
        }
    }

    void fail(Problem problem) {
        model.completeExceptionally(problem);
    }

    @Nullable
    LoadedModel loaded() {
        return model.isDone() && !model.isCompletedExceptionally() ? model.join() : null;
    }

    Status status() {
        return switch (model.state()) {
            case SUCCESS -> new Status(State.READY, null);
            case RUNNING -> new Status(State.LOADING, null);
            case FAILED -> new Status(State.FAILED, model.exceptionNow().getMessage());
            case CANCELLED -> new Status(State.IDLE, null);
        };
    }

    /** From now on this version stays for a while even if no alias names it. */
    void wantByNumber() {
        wantedByNumber = true;
    }

    /**
     * Whether there is a reason to keep a version that no alias names: a request waits for it, or somebody asked for it by its
     * number not long ago. A failure is kept, so that it is told and not repeated.
     */
    boolean isInUse(long idleNanos) {
        if (isPending()) {
            return true;
        }
        if (!wantedByNumber) {
            return false;
        }
        LoadedModel loaded = loaded();
        return loaded == null || loaded.idleNanos() < idleNanos;
    }

    /** Gives up the table's hold: the model is closed when the last request lets go. */
    void drop() {
        if (!model.cancel(false)) {
            LoadedModel loaded = loaded();
            if (loaded != null) {
                loaded.release();
            }
        }
    }

    /** Waits for the model to be loaded, as long as the request may; null when the slot was dropped before. */
    @Nullable
    LoadedModel await(Call call) {
        try {
            return call.awaitOthers(model);
        } catch (CancellationException dropped) {
            return null;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Problem problem ? problem : new IllegalStateException(e.getCause());
        }
    }
}
