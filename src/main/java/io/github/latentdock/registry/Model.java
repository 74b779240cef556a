package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model as it was when the repository was last looked at.
 *
 * @param versions by number; at least one
 * @param aliases version numbers by alias, as they were set; there may be no such version any more
 * @param aliasFault what is wrong with the model's {@code aliases.json}; null when nothing is
 */
public record Model(
        String name,
        SortedMap<Integer, Version> versions,
        SortedMap<String, Integer> aliases,
        @Nullable String aliasFault) {

    /** The alias of what is served when nobody says which version. */
    public static final String DEFAULT = "default";

    /** What serves by default: what {@code aliases.json} says, else the newest version that is not faulty. */
    public Optional<Version> defaultVersion() {
        Integer set = aliases.get(DEFAULT);
        if (set != null) {
            return Optional.ofNullable(versions.get(set));
        }
        return versions.reversed().values().stream()
                .filter(Version.Sound.class::isInstance)
                .findFirst();
    }

    /** What is wrong with the aliases, in the file or in what they name; null when nothing is. */
    public @Nullable String faultOfAliases() {
        if (aliasFault != null) {
            return aliasFault;
        }
        String missing = aliases.entrySet().stream()
                .filter(alias -> !versions.containsKey(alias.getValue()))
                .map(alias -> missing(alias.getKey(), alias.getValue()))
                .collect(Collectors.joining("; "));
        return missing.isEmpty() ? null : missing;
    }

    private String missing(String alias, int number) {
        return "Alias '%s' of model '%s' names version %d, which is not there; there are %s"
                .formatted(alias, name, number, numbers());
    }

    /**
     * @param versionOrAlias a number or an alias; {@code default} always means something
     * @throws Problem {@code NOT_FOUND} telling what there is; {@code UNAVAILABLE} when all versions are faulty and the default is
     *     asked for
     */
    public Version version(String versionOrAlias) {
        if (Names.isVersion(versionOrAlias)) {
            return requireVersion(Integer.parseInt(versionOrAlias));
        }
        Integer number = aliases.get(versionOrAlias);
        if (number != null) {
            Version version = versions.get(number);
            if (version == null) {
                throw Problem.of(Fault.NOT_FOUND, missing(versionOrAlias, number));
            }
            return version;
        }
        if (versionOrAlias.equals(DEFAULT)) {
            return defaultVersion()
                    .orElseThrow(() -> Problem.of(
                            Fault.UNAVAILABLE,
                            "No version of model '%s' can be served: %s"
                                    .formatted(name, reason(versions.lastEntry()))));
        }
        throw Problem.of(
                Fault.NOT_FOUND,
                "Model '%s' has no version or alias '%s'; it has %s %s and %s %s"
                        .formatted(
                                name,
                                Words.shortened(versionOrAlias),
                                versions.size() == 1 ? "version" : "versions",
                                numbers(),
                                aliases.isEmpty() ? "no" : aliases.size() == 1 ? "alias" : "aliases",
                                aliases.isEmpty() ? "aliases" : aliasNames()));
    }

    Version requireVersion(int number) {
        Version version = versions.get(number);
        if (version == null) {
            throw Problem.of(
                    Fault.NOT_FOUND,
                    "version",
                    "Model '%s' has no version %d; it has %s".formatted(name, number, numbers()));
        }
        return version;
    }

    private static String reason(Map.Entry<Integer, Version> newest) {
        return switch (newest.getValue()) {
            case Version.Faulty(var model, var number, var reason) -> "version %d: %s".formatted(number, reason);
            case Version.Sound sound -> "version %d is not the default".formatted(sound.number());
        };
    }

    private String numbers() {
        return Words.listed(versions.keySet());
    }

    String aliasNames() {
        return aliases.isEmpty() ? "none" : Words.listed(aliases.keySet());
    }
}
