package io.github.latentdock.serving;

import io.github.latentdock.testing.RawClient;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients that ask a service, whatever becomes of it, and write down what came back. */
final class Load {

    /** What became of a request. */
    enum Outcome {
        ANSWERED,
        /** The connection was not accepted, or closed before the first byte of an answer. */
        REFUSED,
        /** Some bytes of an answer came, not all. */
        CUT
    }

    /**
     * @param begun when it was sent, by {@link System#nanoTime()}
     * @param status 0 unless it was answered
     * @param closes whether the answer says {@code Connection: close}
     */
    record Event(long begun, Outcome outcome, int status, boolean closes, int bodyBytes) {}

    private final int port;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();

    Load(int port) {
        this.port = port;
    }

    /** Clients that keep their connection as long as they may. */
    void keepAlive(int count, byte[] request) {
        start(count, () -> {
            try (var client = new RawClient(port)) {
                Event event;
                do {
                    event = ask(client, request);
                } while (!stopped.get() && event.outcome == Outcome.ANSWERED && !event.closes);
            }
        });
    }

    /** Clients that make a connection for every request. */
    void newConnections(int count, byte[] request) {
        start(count, () -> {
            try (var client = new RawClient(port)) {
                ask(client, request);
            }
        });
    }

    private void start(int count, Runnable turn) {
        for (int i = 0; i < count; i++) {
            clients.add(Thread.ofPlatform().start(() -> {
                while (!stopped.get()) {
                    long begun = System.nanoTime();
                    try {
                        turn.run();
                    } catch (UncheckedIOException refused) {
                        events.add(new Event(begun, Outcome.REFUSED, 0, true, 0));
                    }
                }
            }));
        }
    }

    private Event ask(RawClient client, byte[] request) {
        Event event = once(client, request);
        events.add(event);
        return event;
    }

    /** One request on a connection. */
    static Event once(RawClient client, byte[] request) {
        long begun = System.nanoTime();
        try {
            RawClient.Answer answer = client.send(request).answer();
            boolean closes = answer.headers().getOrDefault("connection", "").equals("close");
            return new Event(begun, Outcome.ANSWERED, answer.status(), closes, answer.body().length);
        } catch (UncheckedIOException e) {
            return new Event(begun, client.answerBegan() ? Outcome.CUT : Outcome.REFUSED, 0, true, 0);
        }
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    /** Lets every client end its request. */
    List<Event> stop() throws InterruptedException {
        stopped.set(true);
        for (Thread client : clients) {
            client.join();
        }
        return events();
    }
}
