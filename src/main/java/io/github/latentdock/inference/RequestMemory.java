package io.github.latentdock.inference;

import io.github.latentdock.problem.ClientGoneException;
import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import jakarta.servlet.ServletRequest;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * The memory that all requests under way may hold together: bodies as they arrive, what is made of them, and what they are
 * answered with. A request that does not fit in is refused, so that neither a crowd of them nor a large one exhausts the heap.
 */
@Component
final class RequestMemory {

    /** The rest of the heap is for what is not counted: copies for a batch, buffers, JSON's arrays while they grow. */
    private static final int SHARE_OF_HEAP = 6;

    /** Requests that hold less may use all of the memory, the others leave an eighth of it to them. */
    private static final long SMALL = 1 << 20;

    private static final String ATTRIBUTE = RequestMemory.class.getName();

    private final long total;
    private final AtomicLong taken = new AtomicLong();
    private final InferenceMeters meters;

    RequestMemory(InferenceProperties properties, InferenceMeters meters) {
        this.total =
                Math.min(properties.maxBodies().toBytes(), Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        this.meters = meters;
        meters.gauge(
                "latentdock.request.bytes",
                "Memory that the requests under way hold in bodies, tensors and answers",
                taken,
                AtomicLong::get);
    }

    /** The most that one request may hold. */
    long most() {
        return total - total / 8;
    }

    /** What a request holds from now on, until it is closed. */
    Share open(ServletRequest request) {
        var share = new Share();
        request.setAttribute(ATTRIBUTE, share);
        return share;
    }

    static Share of(ServletRequest request) {
        return (Share) Objects.requireNonNull(request.getAttribute(ATTRIBUTE));
    }

    /** One request's part. */
    final class Share implements AutoCloseable {

        private long bytes;
        private boolean closed;

        /**
         * Looks whether so many bytes more could be taken.
         *
         * @throws Problem TOO_LARGE when they never could be, OVERLOADED when they cannot now
         */
        synchronized void requireRoom(long more) {
            long held = bytes + more;
            if (held > most()) {
                throw Problem.of(
                        Fault.TOO_LARGE,
                        "The request would take %d bytes of memory, %d are the most that one is given: send or ask for fewer rows"
                                .formatted(held, most()));
            }
            if (taken.get() + more > (held > SMALL ? most() : total)) {
                meters.rejected("bodies-full");
                throw Problem.of(
                        Fault.OVERLOADED,
                        "The requests under way fill the %d bytes of memory that they are given; try again later"
                                .formatted(total));
            }
        }

        /** Takes so many bytes more. They may be taken by two at once, which counts on {@link #SHARE_OF_HEAP}. */
        synchronized void take(long more) {
            if (closed) {
                throw new ClientGoneException();
            }
            requireRoom(more);
            taken.addAndGet(more);
            bytes += more;
        }

        @Override
        public synchronized void close() {
            taken.addAndGet(-bytes);
            bytes = 0;
            closed = true;
        }
    }
}
