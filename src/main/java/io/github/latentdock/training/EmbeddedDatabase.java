package io.github.latentdock.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** H2 in a file, for one process: it locks the file. */
record EmbeddedDatabase(Path file) implements JdbcConnectionDetails {

    @Override
    public String getJdbcUrl() {
        // Spring closes it; were the JVM to do so as well, a last write at shutdown would come too late.
        // What was committed is in the file, not half a second later: whoever was told 202 finds the training after a
        // crash.
        return "jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0".formatted(file);
    }

    @Override
    public @Nullable String getUsername() {
        return "sa";
    }

    @Override
    public @Nullable String getPassword() {
        return "";
    }
}
