package io.github.latentdock.training;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the current thread give way to those that answer requests. Java's own thread priorities mean nothing on Linux unless the
 * JVM is told to let them; there, a thread has a nice value of its own.
 */
final class LowPriority {

    private static final Logger log = LoggerFactory.getLogger(LowPriority.class);

    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;
    private static final int NICE = 10;

    private static final Optional<MethodHandle> SET = find();

    private LowPriority() {}

    static void set() {
        SET.ifPresent(set -> {
            try {
                if ((int) set.invokeExact(PRIO_PROCESS, THIS_THREAD, NICE) != 0) {
                    log.debug(
                            "The kernel leaves the priority of {} as it is",
                            Thread.currentThread().getName());
                }
            } catch (Throwable e) {
                throw new IllegalStateException("setpriority cannot be called", e);
            }
        });
    }

    /** Elsewhere it would be the whole process that gives way. */
    private static Optional<MethodHandle> find() {
        if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("setpriority")
                .map(address -> linker.downcallHandle(
                        address,
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT)));
    }
}
