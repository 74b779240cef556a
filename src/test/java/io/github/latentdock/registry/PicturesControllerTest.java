package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.FileSystemUtils;

@SpringBootTest(
        classes = VersionsControllerTest.Application.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "management.endpoint.health.validate-group-membership=false")
class PicturesControllerTest {

    private static final String SAMPLES = "/v1/models/tiny/versions/1/samples.png";

    @TempDir
    private static Path temp;

    @LocalServerPort
    private int port;

    @Autowired
    private ModelRepository repository;

    private Http http = new Http(0);

    @DynamicPropertySource
    static void models(DynamicPropertyRegistry properties) {
        properties.add("latentdock.models.path", () -> root().toString());
    }

    private static Path root() {
        return temp.resolve("models");
    }

    @BeforeEach
    void connect() {
        http = new Http(port);
    }

    @AfterEach
    void empty() throws IOException {
        FileSystemUtils.deleteRecursively(root());
        repository.scan();
    }

    @Test
    void aPictureIsServedAsItIs() throws IOException {
        byte[] coat = picture("coat");
        copy(TestModel.valid().file(CheckpointFiles.SAMPLES, coat));

        Answer answer = http.get(SAMPLES);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("image/png");
        assertThat(answer.header("Content-Length")).isEqualTo(String.valueOf(coat.length));
        assertThat(answer.body()).isEqualTo(coat);
    }

    @Test
    void anAliasHasThePictureOfItsVersion() throws IOException {
        copy(TestModel.valid().file(CheckpointFiles.RECONSTRUCTIONS, picture("boot")));
        Files.writeString(root().resolve("tiny/aliases.json"), "{\"canary\": 1}");
        repository.scan();

        assertThat(http.get("/v1/models/tiny/versions/canary/reconstructions.png")
                        .body())
                .isEqualTo(picture("boot"));
    }

    @Test
    void aPictureThatTheClientHasIsNotSentAgain() throws IOException {
        copy(TestModel.valid().file(CheckpointFiles.SAMPLES, picture("coat")));
        String tag = http.get(SAMPLES).header("ETag");

        Answer again =
                http.send(http.request(SAMPLES).header("If-None-Match", tag).GET());

        assertThat(again.status()).isEqualTo(304);
        assertThat(again.header("ETag")).isEqualTo(tag);
        assertThat(again.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(again.body()).isEmpty();
    }

    @Test
    void aNumberThatIsGivenAgainShowsItsNewPicture() throws IOException {
        copy(TestModel.valid().file(CheckpointFiles.SAMPLES, picture("coat")));
        String tag = http.get(SAMPLES).header("ETag");
        empty();
        copy(TestModel.valid().file(CheckpointFiles.SAMPLES, picture("boot")));

        Answer answer =
                http.send(http.request(SAMPLES).header("If-None-Match", tag).GET());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(picture("boot"));
    }

    @Test
    void aVersionWithoutThePictureTellsWhatItHas() throws IOException {
        copy(TestModel.valid().file(CheckpointFiles.RECONSTRUCTIONS, picture("boot")));

        Answer answer = http.get(SAMPLES);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("detail").asString())
                .isEqualTo("Version 1 of model 'tiny' has no samples.png; it has weights.safetensors,"
                        + " reconstructions.png");
    }

    @Test
    void aLinkIsNoPicture() throws IOException {
        Path elsewhere = Files.write(temp.resolve("elsewhere.png"), picture("coat"));
        copy(TestModel.valid());
        Files.createSymbolicLink(root().resolve("tiny/1/samples.png"), elsewhere);

        assertThat(http.get(SAMPLES).status()).isEqualTo(404);
    }

    @Test
    void aVersionThatCannotBeServedShowsNoPicture() {
        copy(TestModel.valid().file(CheckpointFiles.SAMPLES, new byte[] {1, 2, 3}));

        Answer answer = http.get(SAMPLES);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().path("detail").asString())
                .isEqualTo("Version 1 of model 'tiny' cannot be served: samples.png is no PNG: it does not begin like"
                        + " one");
    }

    @Test
    void nothingElseOfAVersionIsServed() {
        copy(TestModel.valid());

        assertThat(http.get("/v1/models/tiny/versions/1/weights.safetensors").status())
                .isEqualTo(404);
    }

    private static byte[] picture(String name) throws IOException {
        return Files.readAllBytes(Path.of("examples", name + ".png"));
    }

    private void copy(TestModel model) {
        model.copyTo(root().resolve("tiny/1"));
        repository.scan();
    }
}
