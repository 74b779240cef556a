package io.github.latentdock.training;

import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker in a JVM of its own, to be killed. */
final class WorkerProcess implements AutoCloseable {

    private final Process process;
    private final Path log;

    WorkerProcess(String database, Path folder, Job job) {
        try {
            log = Files.createTempFile("worker", ".log");
            var command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED"));
            command.addAll(Job.ENGINE);
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    WorkerProcess.class.getName(),
                    database,
                    folder.toString(),
                    job.name()));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The worker: takes trainings until it is killed, and gives them back at SIGTERM. */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[1]);
        House house = House.of(Database.connect(arguments[0]), folder, Job.valueOf(arguments[2]));
        Runtime.getRuntime().addShutdownHook(new Thread(house::close));
        house.queue.start();
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    void terminate() {
        process.destroy();
    }

    /** SIGSTOP or SIGCONT. */
    void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    int exitCode() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the worker does not end: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void waitUntilLogHas(String text) {
        Waiting.until("the worker says '%s'".formatted(text), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the worker ended: " + log());
            }
            return log().contains(text);
        });
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
