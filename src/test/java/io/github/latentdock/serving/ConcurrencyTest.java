package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.serving.Question.Reply;
import io.github.latentdock.testing.Metrics;
import io.github.latentdock.testing.RunningService;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Many clients at once get what they asked for: each answer is compared with the one that the same request got alone, before,
 * also if that was a problem. Some requests make a batch fail for what is in them, which their batch-mates must not notice.
 */
class ConcurrencyTest extends RunningService {

    private static final int CLIENTS = 64;
    private static final int REQUESTS_EACH = 12;
    private static final long SEED = 17;

    @Test
    void everyClientGetsTheAnswerToItsOwnRequest() throws Exception {
        List<Question> questions = Questions.random(SEED);
        List<Reply> alone =
                questions.stream().map(question -> question.ask(http)).toList();
        assertThat(alone)
                .extracting(Reply::status)
                .doesNotContain(500, 503, 504)
                .contains(200, 400, 404, 406, 409, 415, 422);
        assertThat(alone.getFirst().saysWhat(alone.get(1)))
                .as("the comparison sees differences")
                .isFalse();
        Metrics before = Metrics.of(http);

        Queue<String> different = askAtOnce(questions, alone);

        assertThat(different).isEmpty();
        Metrics after = Metrics.of(http);
        assertThat(grown("latentdock_batch_rows_count", before, after))
                .as("batches, of which there are fewer than requests that waited for one")
                .isLessThan(grown("latentdock_queue_seconds_count", before, after));
    }

    private Queue<String> askAtOnce(List<Question> questions, List<Reply> alone) throws Exception {
        Queue<String> different = new ConcurrentLinkedQueue<>();
        var start = new CountDownLatch(1);
        List<Thread> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> Thread.ofPlatform().start(() -> {
                    var random = new Random(client);
                    await(start);
                    for (int i = 0; i < REQUESTS_EACH; i++) {
                        int which = random.nextInt(questions.size());
                        different.addAll(differences(questions.get(which), alone.get(which)));
                    }
                }))
                .toList();
        start.countDown();
        for (Thread client : clients) {
            client.join();
        }
        return different;
    }

    private List<String> differences(Question question, Reply alone) {
        try {
            Reply reply = question.ask(http);
            return reply.saysWhat(alone)
                    ? List.of()
                    : List.of("%s %s is %d, was %d alone"
                            .formatted(question.path(), question.contentType(), reply.status(), alone.status()));
        } catch (RuntimeException e) {
            return List.of("%s: %s".formatted(question.path(), e));
        }
    }

    private static double grown(String name, Metrics before, Metrics after) {
        return after.sum(name) - before.sum(name);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
