package io.github.latentdock.inference;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory that the process holds outside what the Java virtual machine accounts for. */
final class NativeMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private NativeMemory() {}

    /** Resident bytes less what Java's heap and metaspace have committed; NaN where the system does not tell. */
    static double bytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        try (var lines = Files.lines(STATUS)) {
            double resident = lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(Double.NaN);
            return Math.max(
                    0,
                    resident
                            - memory.getHeapMemoryUsage().getCommitted()
                            - memory.getNonHeapMemoryUsage().getCommitted());
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
