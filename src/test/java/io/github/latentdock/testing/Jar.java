package io.github.latentdock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** The packaged service as a process of its own. */
public final class Jar implements AutoCloseable {

    private final Process process;
    private final int port;
    private final Path log;
    private final @Nullable Path deletedAtTheEnd;

    /** Starts it, with trainings that nobody goes on with, and returns at once. */
    public Jar(Path models, String... arguments) {
        this(models, temporary(), true, arguments);
    }

    /**
     * The same with trainings in a folder that is the caller's.
     *
     * @param arguments the service's, and system properties such as {@code -Duser.language=ar}
     */
    public static Jar over(Path models, Path trainings, String... arguments) {
        return new Jar(models, trainings, false, arguments);
    }

    private Jar(Path models, Path trainings, boolean delete, String... arguments) {
        deletedAtTheEnd = delete ? trainings : null;
        try {
            port = freePort();
            log = Files.createTempFile("latentdock", ".log");
            Map<Boolean, List<String>> isProperty =
                    Stream.of(arguments).collect(Collectors.partitioningBy(argument -> argument.startsWith("-D")));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
            command.addAll(isProperty.getOrDefault(true, List.of()));
            command.addAll(List.of(
                    "-jar",
                    jar().toString(),
                    "--server.port=" + port,
                    "--server.address=127.0.0.1",
                    "--latentdock.models.path=" + models,
                    "--latentdock.training.path=" + trainings));
            command.addAll(isProperty.getOrDefault(false, List.of()));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public boolean isListening() {
        if (!process.isAlive()) {
            throw new AssertionError("the process ended: " + log());
        }
        try (var client = new RawClient(port)) {
            return client.send(RawClient.get("/livez")).answer().status() > 0;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** The code with which it ends by itself. */
    public int exitCode() {
        try {
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                throw new AssertionError("the process does not end: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("latentdock-[^/]*(?<!-sources)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no target/latentdock-*.jar: package first"));
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("trainings");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.deleteIfExists(log);
            if (deletedAtTheEnd != null) {
                FileSystemUtils.deleteRecursively(deletedAtTheEnd);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
