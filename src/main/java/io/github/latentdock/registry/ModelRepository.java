package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.registry.Examiner.Examined;
import io.github.latentdock.storage.FileDigest;
import io.github.latentdock.storage.FileStamp;
import io.github.latentdock.storage.FolderStore;
import io.github.latentdock.storage.Unreadable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are there: a folder tree, {@code <model>/<version>/model.json}, which is the truth.
 *
 * <p>A folder without {@code model.json} is unfinished and not seen, and what lies where no version can be is told once. A version with a fault is told with its reason and does not
 * disturb the others. It is looked at again as soon as one of its files changes, so a folder that is being copied by hand may be
 * faulty for a moment and heals by itself. The tree is only read here, so it may be mounted read-only.
 */
public final class ModelRepository {

    private static final Logger log = LoggerFactory.getLogger(ModelRepository.class);

    private final FolderStore store;
    private final Examiner examiner;
    private final Strays strays;
    private Map<String, Examined> examined = Map.of();
    private volatile Snapshot snapshot = new Snapshot(Collections.emptySortedMap());

    ModelRepository(FolderStore store, ModelsProperties properties) {
        this.store = store;
        this.strays = new Strays(store);
        this.examiner =
                new Examiner(store, Math.toIntExact(properties.maxManifestSize().toBytes()));
    }

    /** What the last {@link #scan()} found. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /**
     * Looks at the tree, and into those versions whose files changed. Made to be called every second: a version that did not change
     * is the same object as before, and so is a snapshot in which nothing did.
     *
     * @throws UncheckedIOException when the tree cannot be listed
     */
    public synchronized Snapshot scan() {
        var models = new TreeMap<String, Model>();
        var next = new HashMap<String, Examined>();
        for (String name : store.folders("")) {
            SortedMap<Integer, Version> versions = versions(name, next);
            if (!versions.isEmpty()) {
                models.put(name, model(name, versions));
            }
        }
        strays.endLook();
        examined = next;
        var found = new Snapshot(Collections.unmodifiableSortedMap(models));
        if (!found.equals(snapshot)) {
            snapshot = found;
        }
        return snapshot;
    }

    /**
     * Reads all files of a version and compares them with what the manifest says of them. A version that fails becomes faulty, for
     * everybody, until its files change.
     *
     * @return what each file's content is, also where the manifest does not tell
     * @throws Problem {@code INVALID} naming each wrong file and tensor
     */
    public SequencedMap<String, FileDigest> verify(Version.Sound version) {
        String folder = folder(version.model(), version.number());
        Map<String, FileStamp> before = store.files(folder);
        var faults = new ArrayList<FieldError>();
        try {
            SequencedMap<String, FileDigest> digests = examiner.digest(version, faults);
            if (faults.isEmpty()) {
                return Collections.unmodifiableSequencedMap(digests);
            }
        } catch (UncheckedIOException e) {
            faults.add(new FieldError(folder, "%s: %s".formatted(folder, Unreadable.reason(e))));
        }
        markFaulty(version, before, faults);
        throw Problem.of(Fault.INVALID, faults);
    }

    /** The names of a version's files, its manifest left out; none when it was deleted meanwhile. */
    List<String> files(Version.Sound version) {
        return Examiner.known(store.files(folder(version.model(), version.number())));
    }

    private synchronized void markFaulty(
            Version.Sound version, Map<String, FileStamp> stamps, List<FieldError> faults) {
        String folder = folder(version.model(), version.number());
        Examined known = examined.get(folder);
        if (known != null && known.version() == version) {
            var faulty = new Version.Faulty(version.model(), version.number(), Examiner.reason(faults));
            examined.put(folder, new Examined(stamps, faulty));
            scan();
        }
    }

    private SortedMap<Integer, Version> versions(String model, Map<String, Examined> next) {
        var versions = new TreeMap<Integer, Version>();
        for (String name : store.folders(model)) {
            String folder = model + "/" + name;
            if (!Names.isVersion(name)) {
                strays.misnamed(folder);
                continue;
            }
            Map<String, FileStamp> stamps = store.files(folder);
            if (!stamps.containsKey(Manifest.FILE)) {
                strays.unfinished(folder, stamps);
                continue;
            }
            int number = Integer.parseInt(name);
            Examined known = examined.get(folder);
            if (known == null || !known.stillHolds(stamps)) {
                Version before = known == null ? null : known.version();
                known = examiner.examine(model, number, stamps);
                tell(known.version(), before);
            }
            next.put(folder, known);
            versions.put(number, known.version());
        }
        if (store.files(model).containsKey(Manifest.FILE)) {
            strays.misplaced(model + "/" + Manifest.FILE, model);
        }
        return Collections.unmodifiableSortedMap(versions);
    }

    /** Once, however often it is found. */
    private static void tell(Version found, @Nullable Version before) {
        if (found instanceof Version.Faulty(var model, var number, var reason) && !found.equals(before)) {
            log.warn(
                    "Version {} of model '{}' is not served; it is looked at again when its files change: {}",
                    number,
                    model,
                    reason);
        }
    }

    /** While somebody's edit of the aliases cannot be read, the aliases before it stay: a typing error moves no traffic. */
    private Model model(String name, SortedMap<Integer, Version> versions) {
        try {
            byte[] json =
                    store.read(name + "/" + Aliases.FILE, Aliases.MAX_BYTES).orElse(null);
            return new Model(name, versions, json == null ? Collections.emptySortedMap() : Aliases.parse(json), null);
        } catch (Problem | UncheckedIOException e) {
            String fault = e instanceof UncheckedIOException disk ? Unreadable.reason(disk) : e.getMessage();
            Model before = snapshot.models().get(name);
            if (before == null || !Objects.equals(before.aliasFault(), fault)) {
                log.warn(
                        "The aliases of model '{}' stay as they were until they can be read: {}", name, e.getMessage());
            }
            return new Model(name, versions, before == null ? Collections.emptySortedMap() : before.aliases(), fault);
        }
    }

    static String folder(String model, int number) {
        return model + "/" + number;
    }
}
