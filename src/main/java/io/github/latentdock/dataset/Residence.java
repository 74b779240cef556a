package io.github.latentdock.dataset;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps what is mapped of files from counting as this process's memory: pages that were read are let go when there may be too many of
 * them. They stay in the system's cache as long as it has room, from where the next read takes them without a disk.
 */
final class Residence {

    /** What Linux maps at once around an address that is read. */
    private static final long AROUND = 64 << 10;

    private final List<MemorySegment> mapped;
    private final long most;
    private final long size;
    private final AtomicLong read = new AtomicLong();

    /** @param most bytes that may be resident, about */
    Residence(List<MemorySegment> mapped, long most) {
        this.mapped = mapped;
        this.most = most;
        this.size = mapped.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    /** To be called after a row of so many bytes was read. */
    void read(long bytes) {
        if (size > most && read.addAndGet(Math.max(bytes, AROUND)) > most) {
            read.set(0);
            mapped.forEach(MemorySegment::unload);
        }
    }
}
