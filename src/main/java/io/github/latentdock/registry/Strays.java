package io.github.latentdock.registry;

import io.github.latentdock.storage.FileStamp;
import io.github.latentdock.storage.FolderStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once of what lies in the tree and is no version that it is none, and what would make it one: what is never listed is never
 * asked about. Not safe for use by several threads.
 */
final class Strays {

    private static final Logger log = LoggerFactory.getLogger(Strays.class);

    /** After so many looks without a change nobody is filling a folder any more. */
    static final int SETTLED_LOOKS = 10;

    private final FolderStore store;
    private final Map<String, Unfinished> unfinished = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> seen = new HashSet<>();

    private record Unfinished(Map<String, FileStamp> stamps, int looks) {}

    Strays(FolderStore store) {
        this.store = store;
    }

    /** A folder in a model's folder whose name is no number. */
    void misnamed(String folder) {
        tell(
                folder,
                "{} is no version and not served: a version's folder is named by a number, such as 1",
                store.local(folder));
    }

    /** A version's folder without a manifest, which may be on its way. */
    void unfinished(String folder, Map<String, FileStamp> stamps) {
        if (stamps.isEmpty()) {
            return;
        }
        Unfinished before = unfinished.get(folder);
        int looks = before == null || !before.stamps().equals(stamps) ? 0 : before.looks() + 1;
        unfinished.put(folder, new Unfinished(stamps, looks));
        seen.add(folder);
        if (looks >= SETTLED_LOOKS) {
            tell(
                    folder,
                    "{} is not served: it has no {}, which makes it a version",
                    store.local(folder),
                    Manifest.FILE);
        }
    }

    /** A manifest in a model's folder instead of a version's. */
    void misplaced(String file, String model) {
        tell(
                file,
                "{} is not read: a version has a folder of its own, such as {}",
                store.local(file),
                store.local(ModelRepository.folder(model, 1)));
    }

    /** Ends a look at the tree: what is not there any more is told again if it comes back. */
    void endLook() {
        unfinished.keySet().retainAll(seen);
        told.retainAll(seen);
        seen.clear();
    }

    private void tell(String stray, String message, Object... arguments) {
        seen.add(stray);
        if (told.add(stray)) {
            log.warn(message, arguments);
        }
    }
}
