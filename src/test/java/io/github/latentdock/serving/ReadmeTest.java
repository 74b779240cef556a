package io.github.latentdock.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.ShippedService;
import io.github.latentdock.testing.ShownJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The commands in the documentation work when pasted as they stand, one after the other, and what they answer and draw is what is
 * shown. The numbers are those of the shipped models: they, docs/pictures and the OpenAPI document's answers are renewed together
 * with them.
 */
class ReadmeTest extends ShippedService {

    private static final Pattern COMMAND =
            Pattern.compile("(?ms)^```bash\\n(.*?)^```\\n(?:\\n?```json\\n(.*?)^```\\n)?");

    private static final String REQUEST = "/requestBody/content/application~1json/examples";
    private static final String ANSWER = "/responses/200/content/application~1json/examples";
    private static final Pattern PICTURE = Pattern.compile("src=\"docs/pictures/([^\"]+)\"");

    @LocalServerPort
    private int port;

    @TempDir
    Path folder = Path.of("");

    /**
     * @param answer JSON as shown; null where none is
     * @param picture the name of the picture that is shown; null where none is
     */
    private record Command(
            String document,
            int line,
            String script,
            @Nullable String answer,
            @Nullable String picture) {}

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
        assertThat(commands("README.md").stream().map(Command::picture).filter(Objects::nonNull))
                .containsExactlyInAnyOrder(
                        Objects.requireNonNull(Path.of("docs/pictures").toFile().list()));
    }

    @TestFactory
    Stream<DynamicTest> operationsAnswerWhatTheirExamplesShow() {
        return OpenApi.of(http).operations().stream()
                .filter(operation -> operation.method().equals("POST")
                        && !operation.json().at(ANSWER).isMissingNode())
                .map(operation -> dynamicTest(operation.id(), () -> {
                    JsonNode request = operation.json().at(REQUEST).iterator().next();
                    JsonNode shown = operation.json().at(ANSWER).iterator().next();
                    Answer answer = http.send(operation.method(), operation.examplePath(), request.path("value"));
                    assertThat(ShownJson.parse(shown.path("value").toString()).difference(answer.json()))
                            .isEmpty();
                }));
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
        if (command.picture() != null) {
            float[] drawn = Pictures.grey(Files.readAllBytes(folder.resolve(command.picture())));
            float[] shown = Pictures.grey(Files.readAllBytes(Path.of("docs/pictures", command.picture())));
            // Another machine's rounding moves a pixel by a step or two of 255, and a search by a few more.
            assertThat(drawn).usingComparatorWithPrecision(0.05f).containsExactly(shown);
        }
    }

    private static List<Command> commands(String document) {
        try {
            String text = Files.readString(Path.of(document));
            var commands = new ArrayList<Command>();
            for (MatchResult match : COMMAND.matcher(text).results().toList()) {
                if (match.group(1).contains("curl")) {
                    int line = (int) text.substring(0, match.start()).lines().count() + 1;
                    commands.add(new Command(
                            document, line, match.group(1), match.group(2), picture(text.substring(match.end()))));
                }
            }
            return commands;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one that is shown before the next block. */
    private static @Nullable String picture(String below) {
        Matcher picture = PICTURE.matcher(below.split("```", 2)[0]);
        return picture.find() ? picture.group(1) : null;
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
