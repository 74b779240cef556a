package io.github.latentdock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** The packaged service as a process of its own. */
public final class Jar implements AutoCloseable {

    private final Process process;
    private final int port;
    private final Path log;
    private final Path work;

    /** Starts it and returns at once. */
    public Jar(Path models, String... arguments) {
        try {
            port = freePort();
            log = Files.createTempFile("latentdock", ".log");
            work = Files.createTempDirectory("trainings");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-jar",
                    jar().toString(),
                    "--server.port=" + port,
                    "--server.address=127.0.0.1",
                    "--latentdock.models.path=" + models,
                    "--latentdock.training.path=" + work));
            command.addAll(List.of(arguments));
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
            FileSystemUtils.deleteRecursively(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
