package io.github.latentdock.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Http;
import io.github.latentdock.testing.Http.Answer;
import io.github.latentdock.testing.Multipart;
import io.github.latentdock.testing.Pictures;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.Tree;
import io.github.latentdock.testing.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "latentdock.datasets.max-upload-size=1MB",
            // Only the datasets are here, not the models in memory that readiness includes.
            "management.endpoint.health.validate-group-membership=false",
            "spring.servlet.multipart.max-file-size=4MB",
            "spring.servlet.multipart.max-request-size=4MB"
        })
class DatasetsControllerTest {

    private static final byte[] PICTURES = Uploads.idx(new byte[] {0, 51, 102, (byte) 255, 1, 2, 3, 4}, 2, 2, 2);

    @TempDir
    static Path temp = Path.of("");

    @LocalServerPort
    private int port;

    private Http http = new Http(0);

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(DatasetsProperties.class)
    @ComponentScan({"io.github.latentdock.dataset", "io.github.latentdock.problem"})
    static class Application {}

    @DynamicPropertySource
    static void datasets(DynamicPropertyRegistry properties) throws IOException {
        Path parts = Files.createDirectory(temp.resolve("parts"));
        properties.add("spring.servlet.multipart.location", parts::toString);
        properties.add("latentdock.datasets.path", () -> root().toString());
    }

    private static Path root() {
        return temp.resolve("data");
    }

    @BeforeEach
    void empty() throws IOException {
        http = new Http(port);
        FileSystemUtils.deleteRecursively(root());
        Files.createDirectories(root());
    }

    @Test
    void aDatasetIsUploadedAndShown() {
        Answer answer = upload(pictures("tiny"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/v1/datasets/tiny");
        JsonNode dataset = answer.json();
        assertThat(dataset.path("name").asString()).isEqualTo("tiny");
        assertThat(dataset.path("id").asString()).hasSize(64);
        assertThat(dataset.path("rows").asInt()).isEqualTo(2);
        assertThat(dataset.path("shape").toString()).isEqualTo("[1,2,2]");
        assertThat(dataset.path("elementType").asString()).isEqualTo("uint8");
        assertThat(dataset.path("range").toString()).isEqualTo("[0.0,1.0]");
        assertThat(dataset.at("/statistics/max").asDouble()).isEqualTo(1);
        assertThat(dataset.at("/labels/names").toString()).isEqualTo("[\"boot\",\"coat\"]");
        assertThat(dataset.at("/source/format").asString()).isEqualTo("idx");
        assertThat(dataset.path("created").asString()).matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(http.get("/v1/datasets/tiny").json()).isEqualTo(dataset);
        assertThat(http.get("/v1/datasets/" + dataset.path("id").asString()).json())
                .isEqualTo(dataset);
        assertThat(http.get("/v1/datasets").json().path("datasets").path(0)).isEqualTo(dataset);
    }

    @Test
    void theSameUploadIsTheDatasetThatIsThere() {
        upload(pictures("tiny"));

        for (String name : new String[] {"tiny", "other"}) {
            Answer answer = upload(pictures(name));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Location")).isEqualTo("/v1/datasets/tiny");
            assertThat(answer.json().path("name").asString()).isEqualTo("tiny");
        }
        assertThat(http.get("/v1/datasets").json().path("datasets")).hasSize(1);
    }

    @Test
    void otherBytesOfThatNameAreAConflict() {
        upload(pictures("tiny"));

        refused(
                409,
                "name",
                "There is another dataset 'tiny'",
                new Multipart().field("name", "tiny").file("file", "x", PICTURES));
    }

    @Test
    void aDatasetIsDeleted() {
        upload(pictures("tiny"));

        assertThat(http.delete("/v1/datasets/tiny").status()).isEqualTo(204);
        assertThat(http.get("/v1/datasets/tiny").status()).isEqualTo(404);
        assertThat(http.delete("/v1/datasets/tiny").status()).isEqualTo(404);
        assertThat(http.get("/v1/datasets/tiny/preview").status()).isEqualTo(404);
        assertThat(Tree.of(root()).contents()).containsOnlyKeys("");
    }

    @Test
    void aDatasetThatWasCutOffIsDeletedAndUploadedAgain() throws IOException {
        upload(pictures("tiny"));
        Files.write(root().resolve("tiny/values.bin"), new byte[7]);

        Answer told = http.get("/v1/datasets/tiny");

        assertThat(told.status()).isEqualTo(404);
        assertThat(told.json().path("detail").asString())
                .startsWith("Dataset 'tiny' is faulty: values.bin has 7 bytes, 8 are needed");
        assertThat(upload(pictures("tiny")).status()).isEqualTo(409);
        assertThat(http.delete("/v1/datasets/tiny").status()).isEqualTo(204);
        assertThat(upload(pictures("tiny")).status()).isEqualTo(201);
    }

    @Test
    void aPreviewIsAPicture() {
        upload(pictures("tiny"));

        Answer preview = http.get("/v1/datasets/tiny/preview");

        assertThat(preview.header("Content-Type")).isEqualTo("image/png");
        assertThat(Pictures.image(preview.body()).getWidth()).isEqualTo(2 + 2 + 2);
    }

    @Test
    void optionsAreFields() {
        Answer answer = upload(new Multipart()
                .field("name", "gaps")
                .field("format", "csv")
                .field("missing", "nan")
                .field("header", "false")
                .field("resize", "")
                .file("file", "gaps.csv", Uploads.text("1,,3\n4,5,6\n")));

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.json().at("/statistics/missingShare").asDouble()).isEqualTo(1 / 6.0);
        assertThat(answer.json().at("/source/missing").asString()).isEqualTo("nan");
        assertThat(answer.json().path("hasMask").asBoolean()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    format  | hdf5  | 400 | format is 'hdf5', one of npy, npz, idx, csv, zip is needed
                    missing | -1    | 400 | missing is '-1', only 'nan' is possible
                    header  | maybe | 400 | header is 'maybe', true or false is needed
                    resize  | 28    | 400 | resize is '28', height and width are needed, such as 28x28
                    resize  | 0x28  | 400 | resize is '0x28', height and width are needed, such as 28x28
                    resize  | 9999x9999 | 413 | resize is 9999x9999, at most 1048576 values are allowed in a picture
                    resize  | 28x28 | 422 | resize is for zips of pictures, file is of format idx
                    colour  | red   | 400 | There is no part 'colour'; there are name, format, missing, resize, header and file, labels, groups, mask
                    """)
    void fieldsThatAreWrongAreRefused(String field, String value, int status, String detail) {
        refused(
                status,
                field,
                detail,
                new Multipart().field("name", "tiny").field(field, value).file("file", "x", PICTURES));
    }

    @Test
    void partsThatAreMissingOrThereTwiceAreRefused() {
        refused(400, "name", "The part 'name' is missing", new Multipart().file("file", "x", PICTURES));
        refused(400, "file", "The part 'file' is missing", new Multipart().field("name", "tiny"));
        refused(400, "file", "The part 'file' is there twice", pictures("tiny").file("file", "x", PICTURES));
        refused(400, "name", "The part 'name' is there twice", pictures("tiny").field("name", "other"));
        refused(422, "name", "name is 'No', it must match", pictures("No"));
        refused(
                400,
                "format",
                "The part 'format' has more than 1000 bytes",
                pictures("tiny").field("format", "x".repeat(1001)));
    }

    @Test
    void moreBytesThanAllowedAreRefused() {
        refused(
                413,
                "labels",
                "The files have more than the 1048576B allowed together",
                new Multipart()
                        .field("name", "tiny")
                        .file("file", "x", new byte[600_000])
                        .file("labels", "y", new byte[600_000]));
    }

    @Test
    void aBodyThatIsCutOffLeavesNothing() {
        byte[] body = pictures("tiny").bytes();
        Answer answer = http.post("/v1/datasets", Multipart.CONTENT_TYPE, Arrays.copyOf(body, body.length - 30));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(Tree.of(root()).contents()).containsOnlyKeys("");
    }

    @Test
    void whatIsNoMultipartIsRefused() {
        assertThat(http.post("/v1/datasets", "application/x-npy", PICTURES).status())
                .isEqualTo(415);
    }

    @Test
    void uploadsThatAreRefusedGiveTheirTurnsBack() {
        for (int i = 0; i < 5; i++) {
            assertThat(upload(new Multipart().field("name", "tiny")).status()).isEqualTo(400);
        }
        assertThat(upload(pictures("tiny")).status()).isEqualTo(201);
    }

    @Test
    void uploadsThatStallKeepNobodyOut() {
        byte[] body = new Multipart()
                .field("name", "tiny")
                .file("file", "x.idx", new byte[600_000])
                .bytes();
        byte[] head = "POST /v1/datasets HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(Multipart.CONTENT_TYPE, body.length)
                .getBytes(StandardCharsets.US_ASCII);
        try (var one = new RawClient(port);
                var another = new RawClient(port)) {
            for (RawClient client : List.of(one, another)) {
                client.send(head).send(Arrays.copyOf(body, 300_000));
            }
            Waiting.until(
                    "both arrive",
                    () -> Tree.of(temp.resolve("parts")).contents().keySet().stream()
                                    .filter(file -> file.endsWith(".tmp"))
                                    .count()
                            == 2);

            assertThat(upload(pictures("tiny")).status()).isEqualTo(201);
        }
    }

    @Test
    void spoiledRequestsAreAnsweredWithProblemsAndLeaveNothing() {
        byte[] body = pictures("tiny").field("missing", "nan").bytes();
        for (int i = 0; i < 300; i++) {
            var random = new Random(i);
            byte[] spoiled = body.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                spoiled[random.nextInt(spoiled.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(spoiled.length) : spoiled.length;

            Answer answer = http.post("/v1/datasets", Multipart.CONTENT_TYPE, Arrays.copyOf(spoiled, length));

            assertThat(answer.status()).as("request %d: %s", i, answer.text()).isLessThan(500);
            if (answer.status() == 201) {
                http.delete(answer.header("Location"));
            } else {
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            }
        }
        assertThat(Tree.of(root()).contents()).containsOnlyKeys("");
    }

    private static Multipart pictures(String name) {
        return new Multipart()
                .field("name", name)
                .file("file", "pictures.idx", PICTURES)
                .file("labels", "labels.csv", Uploads.text("coat\nboot\n"));
    }

    private Answer upload(Multipart body) {
        return http.post("/v1/datasets", Multipart.CONTENT_TYPE, body.bytes());
    }

    private void refused(int status, String field, String detail, Multipart body) {
        Tree before = Tree.of(root());

        Answer answer = upload(body);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("errors")).anySatisfy(error -> {
            assertThat(error.path("field").asString()).isEqualTo(field);
            assertThat(error.path("detail").asString()).startsWith(detail);
        });
        assertThat(Tree.of(root())).isEqualTo(before);
    }
}
