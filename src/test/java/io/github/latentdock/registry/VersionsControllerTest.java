package io.github.latentdock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Multipart;
import io.github.latentdock.testing.RawClient;
import io.github.latentdock.testing.Tree;
import io.github.latentdock.testing.Waiting;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "latentdock.models.max-upload-size=1MB",
            // Only the registry is here, not the models in memory that readiness includes.
            "management.endpoint.health.validate-group-membership=false",
            "spring.servlet.multipart.max-file-size=4MB",
            "spring.servlet.multipart.max-request-size=4MB"
        })
class VersionsControllerTest {

    @TempDir
    static Path temp;

    @LocalServerPort
    private int port;

    @Autowired
    private ModelRepository repository;

    private final HttpClient client = HttpClient.newHttpClient();

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(ModelsProperties.class)
    @ComponentScan({"io.github.latentdock.registry", "io.github.latentdock.problem"})
    static class Application {}

    @DynamicPropertySource
    static void models(DynamicPropertyRegistry properties) {
        properties.add("latentdock.models.path", () -> root().toString());
    }

    private static Path root() {
        return temp.resolve("models");
    }

    @AfterEach
    void empty() throws IOException {
        FileSystemUtils.deleteRecursively(root());
        Files.createDirectories(root());
        repository.scan();
    }

    @Test
    void aVersionIsPublishedFromItsFiles() throws Exception {
        HttpResponse<String> response = post("tiny", parts(TestModel.valid()));

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.headers().firstValue("Location")).hasValue("/v1/models/tiny/versions/1");
        JsonNode body = JsonFields.JSON.readTree(response.body());
        assertThat(body.path("model").stringValue()).isEqualTo("tiny");
        assertThat(body.path("version").intValue()).isEqualTo(1);
        assertThat(body.path("manifest").path("kind").stringValue()).isEqualTo("ae");
        assertThat(body.at("/manifest/files/weights.safetensors/sha256").stringValue())
                .hasSize(64);
        assertThat(repository.snapshot().model("tiny").version("1")).isInstanceOf(Version.Sound.class);
    }

    @Test
    void aFileMayBeNamedByItsPart() throws Exception {
        var body = new Multipart()
                .field("manifest", TestModel.MANIFEST)
                .file("weights.safetensors", "blob", TestModel.valid().bytes("weights.safetensors"));

        assertThat(post("tiny", body).statusCode()).isEqualTo(201);
    }

    @Test
    void aFileIsKnownByItsNameWhateverItsPartIsCalled() throws Exception {
        var body = new Multipart()
                .field("manifest", TestModel.MANIFEST)
                .file("file", "weights.safetensors", TestModel.valid().bytes("weights.safetensors"));

        assertThat(post("tiny", body).statusCode()).isEqualTo(201);
    }

    @Test
    void aVersionIsPublishedFromAZipOfItsFolder() throws Exception {
        byte[] zip = new Zip()
                .add("model.json", TestModel.valid().manifestBytes())
                .add("weights.safetensors", TestModel.valid().bytes("weights.safetensors"))
                .add("__MACOSX/._model.json", new byte[] {1}) // What file managers put beside it is not looked at.
                .add(".DS_Store", new byte[] {1})
                .bytes();

        assertThat(post("tiny", new Multipart().file("file", "tiny.zip", zip)).statusCode())
                .isEqualTo(201);
        assertThat(repository.snapshot().model("tiny").version("1")).isInstanceOf(Version.Sound.class);
    }

    @Test
    void partsLieOnTheDiskWhileTheyArriveNotInMemory() {
        byte[] begun = new Multipart()
                .file("files", "weights.safetensors", new byte[100_000])
                .bytes();
        try (var client = new RawClient(port)) {
            client.send(
                            "POST /v1/models/tiny/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: 500000\r\n\r\n"
                                    .formatted(Multipart.BOUNDARY)
                                    .getBytes(StandardCharsets.US_ASCII))
                    .send(Arrays.copyOf(begun, 100_000));
            Waiting.until("most of it is on the disk", () -> bytesOfParts() > 50_000);
        }
        Waiting.until("nothing of it is left", () -> bytesOfParts() == 0);
    }

    private static long bytesOfParts() {
        try (Stream<Path> parts = Files.walk(root().resolve(".draft-parts"))) {
            return parts.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException gone) {
            return 0;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "../weights.safetensors,  has a folder; files must be at the top of the zip",
        "/etc/weights.safetensors, has a folder; files must be at the top of the zip",
        "tiny/weights.safetensors, has a folder; files must be at the top of the zip",
        "..\\weights.safetensors, is no file of a version",
        "evil.sh,                 is no file of a version"
    })
    void aZipWithAnotherNameIsRefused(String name, String detail) throws Exception {
        byte[] zip = new Zip()
                .add(name, TestModel.valid().bytes("weights.safetensors"))
                .bytes();

        refused(
                422,
                name,
                detail,
                new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", zip));
        assertThat(temp).isDirectoryNotContaining("glob:**weights.safetensors");
    }

    @Test
    void aSymbolicLinkInAZipIsRefused() throws Exception {
        byte[] zip = new Zip()
                .add("weights.safetensors", "/etc/passwd".getBytes(StandardCharsets.UTF_8))
                .bytes();
        // The mode of the first entry in the central directory: a link that everybody may use.
        int entry = indexOf(zip, new byte[] {'P', 'K', 1, 2});
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(entry + 38, 0120777 << 16);

        refused(
                422,
                "weights.safetensors",
                "'weights.safetensors' in tiny.zip is a symbolic link",
                new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", zip));
    }

    @Test
    void aZipBombIsRefused() throws Exception {
        byte[] zip = new Zip().add("weights.safetensors", new byte[64 << 20]).bytes();
        assertThat(zip).hasSizeLessThan(1 << 20);

        refused(
                413,
                "weights.safetensors",
                "unpacks to 67108864 bytes, at most 1048576 are allowed",
                new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", zip));
    }

    @Test
    void aZipBombThatLiesAboutItsSizeIsRefused() throws Exception {
        byte[] zip = new Zip().add("weights.safetensors", new byte[64 << 20]).bytes();
        int entry = indexOf(zip, new byte[] {'P', 'K', 1, 2});
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(entry + 24, 1000);

        HttpResponse<String> response = post(
                "tiny", new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", zip));

        assertThat(response.statusCode()).isIn(400, 413);
        assertThat(response.body()).contains("weights.safetensors");
        assertThat(repository.scan().models()).isEmpty();
    }

    @Test
    void aZipWithAWrongChecksumIsRefused() throws Exception {
        byte[] zip = new Zip()
                .add("weights.safetensors", TestModel.valid().bytes("weights.safetensors"))
                .bytes();
        int entry = indexOf(zip, new byte[] {'P', 'K', 1, 2});
        zip[entry + 16] ^= 1;

        refused(
                400,
                "weights.safetensors",
                "weights.safetensors cannot be unpacked: its checksum is wrong",
                new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", zip));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 100})
    void aTruncatedZipIsRefused(int length) throws Exception {
        byte[] zip = new Zip()
                .add("weights.safetensors", TestModel.valid().bytes("weights.safetensors"))
                .bytes();

        refused(
                400,
                "tiny.zip",
                "tiny.zip cannot be read as a zip",
                new Multipart()
                        .field("manifest", TestModel.MANIFEST)
                        .file("file", "tiny.zip", Arrays.copyOf(zip, length)));
    }

    @Test
    void anEntryThatIsInTheZipTwiceIsRefused() throws Exception {
        byte[] weights = TestModel.valid().bytes("weights.safetensors");
        byte[] zip = new Zip()
                .add("weights.safetensors", weights)
                .add("weights.safetensorz", weights)
                .bytes();
        byte[] twice = new String(zip, StandardCharsets.ISO_8859_1)
                .replace("safetensorz", "safetensors")
                .getBytes(StandardCharsets.ISO_8859_1);

        refused(
                422,
                "weights.safetensors",
                "weights.safetensors is there twice",
                new Multipart().field("manifest", TestModel.MANIFEST).file("file", "tiny.zip", twice));
    }

    @Test
    void aPartThatIsThereTwiceIsRefused() throws Exception {
        byte[] weights = TestModel.valid().bytes("weights.safetensors");

        refused(
                422,
                "weights.safetensors",
                "weights.safetensors is there twice",
                parts(TestModel.valid()).file("files", "weights.safetensors", weights));
    }

    @Test
    void twoManifestsAreRefused() throws Exception {
        refused(
                422,
                "manifest",
                "The manifest is there twice",
                parts(TestModel.valid()).field("manifest", TestModel.MANIFEST));
    }

    @Test
    void withoutManifestNothingIsPublished() throws Exception {
        refused(
                400,
                "manifest",
                "The part 'manifest' is missing",
                new Multipart()
                        .file("files", "weights.safetensors", TestModel.valid().bytes("weights.safetensors")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../weights.safetensors", "/etc/passwd", "C:\\weights.safetensors", "weights.bin"})
    void aPartWithAnotherFileNameIsRefused(String name) throws Exception {
        refused(
                422,
                name,
                "is no file of a version",
                new Multipart()
                        .field("manifest", TestModel.MANIFEST)
                        .file("files", name, TestModel.valid().bytes("weights.safetensors")));
    }

    @Test
    void aBodyThatIsNotMultipartIsAnotherMediaType() throws Exception {
        HttpResponse<String> response = send(request("/v1/models/tiny/versions")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}")));

        assertThat(response.statusCode()).isEqualTo(415);
    }

    @Test
    void aBodyThatEndsInAPartIsMalformed() throws Exception {
        HttpResponse<String> response = send(request("/v1/models/tiny/versions")
                .header("Content-Type", Multipart.CONTENT_TYPE)
                .POST(BodyPublishers.ofString("--" + Multipart.BOUNDARY)));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    }

    @Test
    void aPartWithAnUnreadableContentTypeIsAFileLikeAnyOther() throws Exception {
        byte[] body = parts(TestModel.valid()).bytes();
        byte[] strange = new String(body, StandardCharsets.ISO_8859_1)
                .replace("application/octet-stream", "what? no;;type")
                .getBytes(StandardCharsets.ISO_8859_1);

        HttpResponse<String> response = send(request("/v1/models/tiny/versions")
                .header("Content-Type", Multipart.CONTENT_TYPE)
                .POST(BodyPublishers.ofByteArray(strange)));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    }

    @Test
    void anUploadOverTheLimitOfTheServerIsTooLarge() throws Exception {
        HttpResponse<String> response =
                post("tiny", parts(TestModel.valid().file("weights.safetensors", new byte[5 << 20])));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(413);
    }

    @Test
    void aVersionIsDeleted() throws Exception {
        post("tiny", parts(TestModel.valid()));

        assertThat(send(request("/v1/models/tiny/versions/1").DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(send(request("/v1/models/tiny/versions/1").DELETE()).statusCode())
                .isEqualTo(404);
    }

    @Test
    void anAliasIsSetKeepsItsVersionAndIsDeleted() throws Exception {
        post("tiny", parts(TestModel.valid()));

        HttpResponse<String> set = alias("canary", "{\"version\": 1}");
        assertThat(set.statusCode()).isEqualTo(200);
        assertThat(set.body()).isEqualTo("{\"model\":\"tiny\",\"alias\":\"canary\",\"version\":1}");
        HttpResponse<String> refused =
                send(request("/v1/models/tiny/versions/1").DELETE());
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("canary");
        assertThat(send(request("/v1/models/tiny/aliases/canary").DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(send(request("/v1/models/tiny/versions/1").DELETE()).statusCode())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "canary; {\"version\": 9}; 404",
                "canary; {\"version\": 0}; 422",
                "canary; {}; 422",
                "canary; {\"versoin\": 1}; 400",
                "canary; null; 400",
                "canary; {\"version\": \"x\"}; 400",
                "canary; {; 400",
                "7; {\"version\": 1}; 422"
            })
    void anAliasThatCannotBeSetIsRefused(String alias, String body, int status) throws Exception {
        post("tiny", parts(TestModel.valid()));
        Tree before = Tree.of(root());

        assertThat(alias(alias, body).statusCode()).isEqualTo(status);
        assertThat(Tree.of(root())).isEqualTo(before);
    }

    @Test
    void onlyJsonIsReadAndWritten() throws Exception {
        post("tiny", parts(TestModel.valid()));

        HttpResponse<String> yaml = send(request("/v1/models/tiny/aliases/canary")
                .header("Content-Type", "application/yaml")
                .PUT(BodyPublishers.ofString("version: 1")));
        assertThat(yaml.statusCode()).isEqualTo(415);
        assertThat(yaml.body()).contains("application/yaml is not read here; application/json is needed");
        HttpResponse<String> wanted = send(request("/v1/models/tiny/aliases/canary")
                .header("Content-Type", "application/json")
                .header("Accept", "application/yaml")
                .PUT(BodyPublishers.ofString("{\"version\": 1}")));
        assertThat(wanted.statusCode()).isEqualTo(406);
        assertThat(wanted.body()).contains("The answer can be application/json;");
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void theFirstUploadWarnsOfNothing(CapturedOutput log) throws Exception {
        assertThat(post("tiny", parts(TestModel.valid())).statusCode()).isEqualTo(201);

        assertThat(log).doesNotContain("WARN");
    }

    @Test
    void operationsHaveStableIds() throws Exception {
        JsonNode paths = JsonFields.JSON
                .readTree(send(request("/v3/api-docs").GET()).body())
                .path("paths");

        assertThat(paths.path("/v1/models/{model}/versions")
                        .at("/post/operationId")
                        .asString())
                .isEqualTo("publishVersion");
        assertThat(paths.path("/v1/models/{model}/versions/{version}")
                        .at("/delete/operationId")
                        .asString())
                .isEqualTo("deleteVersion");
        assertThat(paths.path("/v1/models/{model}/aliases/{alias}")
                        .at("/put/operationId")
                        .asString())
                .isEqualTo("setAlias");
        assertThat(paths.path("/v1/models/{model}/aliases/{alias}")
                        .at("/delete/operationId")
                        .asString())
                .isEqualTo("deleteAlias");
    }

    private void refused(int status, String field, String detail, Multipart body) throws Exception {
        Files.createDirectories(root());
        Tree before = Tree.of(root());

        HttpResponse<String> response = post("tiny", body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(JsonFields.JSON.readTree(response.body()).path("errors")).anySatisfy(error -> {
            assertThat(error.path("field").asString()).isEqualTo(field);
            assertThat(error.path("detail").asString()).contains(detail);
        });
        assertThat(Tree.of(root())).isEqualTo(before);
    }

    private static Multipart parts(TestModel model) {
        var body = new Multipart().field("manifest", model.manifest());
        model.files().forEach((name, content) -> body.file("files", name, content));
        return body;
    }

    private HttpResponse<String> alias(String alias, String body) throws Exception {
        return send(request("/v1/models/tiny/aliases/" + alias)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> post(String model, Multipart body) throws Exception {
        return send(request("/v1/models/%s/versions".formatted(model))
                .header("Content-Type", Multipart.CONTENT_TYPE)
                .POST(BodyPublishers.ofByteArray(body.bytes())));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port, path)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .lastIndexOf(new String(part, StandardCharsets.ISO_8859_1));
    }

    private static final class Zip {

        private final SequencedMap<String, byte[]> entries = new LinkedHashMap<>();

        Zip add(String name, byte[] content) {
            entries.put(name, content);
            return this;
        }

        byte[] bytes() {
            var out = new ByteArrayOutputStream();
            try (var zip = new ZipOutputStream(out)) {
                for (var entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getValue());
                    zip.closeEntry();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out.toByteArray();
        }
    }
}
