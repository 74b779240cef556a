package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.latentdock.testing.ShippedService;
import io.github.latentdock.testing.ShownJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/** The commands in the documentation work when pasted as they stand, one after the other, and answer what is shown. */
class ReadmeTest extends ShippedService {

    private static final Pattern COMMAND =
            Pattern.compile("(?ms)^```bash\\n(.*?)^```\\n(?:\\n?```json\\n(.*?)^```\\n)?");

    @LocalServerPort
    private int port;

    @TempDir
    Path folder = Path.of("");

    /** @param answer JSON as shown; null where none is */
    private record Command(
            String document,
            int line,
            String script,
            @Nullable String answer) {}

    /** What a shell gave back. */
    private record Run(int status, String output, String errors) {}

    @TestFactory
    Stream<DynamicTest> commandsAnswerWhatIsShown() throws Exception {
        assumeTrue(exists("curl"), "there is no curl here to run the documentation's commands with");
        for (String needed : List.of("examples", "models", "data")) {
            FileSystemUtils.copyRecursively(Path.of(needed), folder.resolve(needed));
        }
        return Stream.of("README.md", "docs/api.md")
                .flatMap(document -> commands(document).stream())
                .map(command -> dynamicTest(
                        "%s:%d".formatted(command.document(), command.line()), () -> answersWhatIsShown(command)));
    }

    @Test
    void theDocumentsHaveCommands() {
        assertThat(commands("README.md")).hasSizeGreaterThan(8);
        assertThat(commands("docs/api.md")).hasSizeGreaterThan(18);
    }

    private void answersWhatIsShown(Command command) throws Exception {
        Run run = run(command.script().replace("localhost:8080", "127.0.0.1:" + port));
        assertThat(run.status())
                .as("%s%n%s%n%s", command.script(), run.output(), run.errors())
                .isZero();
        if (command.answer() != null) {
            Optional<String> difference = ShownJson.parse(command.answer())
                    .difference(JsonMapper.shared().readTree(run.output()));
            assertThat(difference).isEmpty();
        }
    }

    private static List<Command> commands(String document) {
        try {
            String text = Files.readString(Path.of(document));
            var commands = new ArrayList<Command>();
            for (MatchResult match : COMMAND.matcher(text).results().toList()) {
                if (match.group(1).contains("curl")) {
                    int line = (int) text.substring(0, match.start()).lines().count() + 1;
                    commands.add(new Command(document, line, match.group(1), match.group(2)));
                }
            }
            return commands;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Run run(String script) throws IOException, InterruptedException {
        Path output = folder.resolve(".output");
        Path errors = folder.resolve(".errors");
        var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("NO_PROXY", "*");
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("not done within a minute: " + script);
        }
        return new Run(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    private static boolean exists(String program) throws InterruptedException {
        try {
            return new ProcessBuilder(program, "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
