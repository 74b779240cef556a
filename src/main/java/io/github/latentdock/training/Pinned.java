package io.github.latentdock.training;

import org.jspecify.annotations.Nullable;

/**
 * What a plan's names stood for when it was taken. The training uses these and no others, whatever is called so by then.
 *
 * @param dataset the id of the data set, by which it is found
 * @param parent the digest of the parent's files, see {@link Parents#digest}; null without a parent, and of plans that were taken
 *     before this was noted
 */
record Pinned(String dataset, @Nullable String parent) {}
