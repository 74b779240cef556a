package io.github.latentdock.training;

import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table as somebody sees it to whom something happens between two statements. */
final class Meanwhile {

    private Meanwhile() {}

    /** @param statement before which it happens, from 1 */
    static Trainings before(int statement, JdbcClient jdbc, Runnable happens) {
        var statements = new AtomicInteger();
        return before(sql -> statements.incrementAndGet() == statement, jdbc, happens);
    }

    /** @param statements before which it happens */
    static Trainings before(Predicate<String> statements, JdbcClient jdbc, Runnable happens) {
        var pausing = (JdbcClient) Proxy.newProxyInstance(
                JdbcClient.class.getClassLoader(), new Class<?>[] {JdbcClient.class}, (proxy, method, arguments) -> {
                    if (statements.test(String.valueOf(arguments[0]))) {
                        happens.run();
                    }
                    return method.invoke(jdbc, arguments);
                });
        return new Trainings(pausing, new TrainingRows(Plans.JSON), InstantSource.system());
    }
}
