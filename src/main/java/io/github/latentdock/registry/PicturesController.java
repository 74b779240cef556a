package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.storage.FileDigest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The pictures that a version brings along for people to look at. */
@RestController
@RequestMapping(path = "/v1/models/{model}/versions/{version}", produces = MediaType.IMAGE_PNG_VALUE)
@Tag(name = "models")
@ApiResponse(
        responseCode = "200",
        description = "The picture",
        headers =
                @Header(
                        name = "ETag",
                        description = "Changes with the picture; If-None-Match asks for another one than this",
                        required = true,
                        schema = @Schema(type = "string")),
        content = @Content(mediaType = MediaType.IMAGE_PNG_VALUE, schema = @Schema(type = "string", format = "binary")))
@ApiResponse(responseCode = "304", description = "The picture is the one that If-None-Match names", content = @Content)
@ApiResponse(responseCode = "404", ref = "NotFound")
@ApiResponse(responseCode = "406", ref = "NotAcceptable")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class PicturesController {

    private final ModelRepository repository;

    PicturesController(ModelRepository repository) {
        this.repository = repository;
    }

    /**
     * Look at reconstructions of a version.
     *
     * <p>Held-out examples in the odd rows, and what the version makes of them beneath. Versions that were trained on pictures here
     * have one; others may.
     */
    @GetMapping("/reconstructions.png")
    @Operation(operationId = "getReconstructions")
    ResponseEntity<InputStreamResource> reconstructions(@PathVariable String model, @PathVariable String version)
            throws IOException {
        return picture(model, version, CheckpointFiles.RECONSTRUCTIONS);
    }

    /**
     * Look at samples of a version.
     *
     * <p>Examples that it drew when it was made. Versions that were trained on pictures here have one; others may.
     */
    @GetMapping("/samples.png")
    @Operation(operationId = "getSamples")
    ResponseEntity<InputStreamResource> samples(@PathVariable String model, @PathVariable String version)
            throws IOException {
        return picture(model, version, CheckpointFiles.SAMPLES);
    }

    /** Never fresh without asking: an alias moves, and the number of a version that is deleted may be given again. */
    private ResponseEntity<InputStreamResource> picture(String model, String versionOrAlias, String file)
            throws IOException {
        Version.Sound version = sound(repository.snapshot().model(model).version(versionOrAlias));
        FileDigest digest;
        try (InputStream content = open(version, file)) {
            digest = FileDigest.of(content);
        }
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noCache())
                .eTag(digest.sha256())
                .contentLength(digest.bytes())
                .body(new InputStreamResource(() -> open(version, file), file));
    }

    private static Version.Sound sound(Version version) {
        return switch (version) {
            case Version.Sound sound -> sound;
            case Version.Faulty(var model, var number, var reason) ->
                throw Problem.of(
                        Fault.UNAVAILABLE,
                        "Version %d of model '%s' cannot be served: %s".formatted(number, model, reason));
        };
    }

    private InputStream open(Version.Sound version, String file) throws IOException {
        List<String> files = repository.files(version);
        try {
            if (files.contains(file)) {
                return Files.newInputStream(version.folder().resolve(file), LinkOption.NOFOLLOW_LINKS);
            }
        } catch (NoSuchFileException e) {
            files = List.of(); // Deleted just now.
        }
        throw Problem.of(
                Fault.NOT_FOUND,
                "Version %d of model '%s' has no %s; it has %s"
                        .formatted(
                                version.number(),
                                version.model(),
                                file,
                                files.isEmpty() ? "no files any more" : String.join(", ", files)));
    }
}
