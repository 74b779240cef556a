package io.github.latentdock.training;

import org.jspecify.annotations.Nullable;

/** What a run looks at between two batches. */
interface Orders {

    /** Whether somebody cancelled it here; what was done elsewhere the row tells. */
    boolean cancelled();

    /** Why the worker has to give the training back; null while it need not. */
    @Nullable
    String letGo();
}
