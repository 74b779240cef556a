package io.github.latentdock.training;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Empty databases of both kinds, with the tables. */
enum Database {
    H2 {
        @Override
        String url() {
            return "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID());
        }
    },
    POSTGRESQL {
        @Override
        String url() {
            String name = "t" + UUID.randomUUID().toString().replace("-", "");
            try (Connection connection = Postgres.SERVER.getPostgresDatabase().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("create database " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return "%s&password=postgres".formatted(Postgres.SERVER.getJdbcUrl("postgres", name));
        }
    };

    /** Of a new database. */
    abstract String url();

    /** A new database. */
    HikariDataSource open() {
        HikariDataSource source = connect(url());
        migrate(source);
        return source;
    }

    static HikariDataSource connect(String url) {
        var source = new HikariDataSource();
        source.setJdbcUrl(url);
        source.setMaximumPoolSize(4);
        source.setMinimumIdle(0);
        if (url.startsWith("jdbc:h2")) {
            source.setUsername("sa");
        }
        return source;
    }

    static void migrate(DataSource source) {
        migrate(source, "latest");
    }

    /** @param version that of the table afterwards */
    static void migrate(DataSource source, String version) {
        Flyway.configure()
                .dataSource(source)
                .target(version)
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

    static String h2File(Path file) {
        return new EmbeddedDatabase(file).getJdbcUrl();
    }

    /** Started once, when it is first asked for; ends with this process. */
    private static final class Postgres {

        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
