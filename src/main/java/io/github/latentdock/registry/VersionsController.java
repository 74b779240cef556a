package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.util.UriComponentsBuilder;

/** Publishes and deletes versions over HTTP, and moves aliases. */
@RestController
@RequestMapping("/v1/models/{model}")
@Tag(name = "models")
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class VersionsController {

    private final ModelPublisher publisher;
    private final FolderStore store;
    private final ModelsProperties properties;
    private final MultipartConfigElement multipart;

    VersionsController(
            ModelPublisher publisher,
            FolderStore modelStore,
            ModelsProperties properties,
            MultipartConfigElement multipart) {
        this.publisher = publisher;
        this.store = modelStore;
        this.properties = properties;
        this.multipart = multipart;
    }

    /**
     * A version to be published.
     *
     * @param manifest what the version is: model.json, in which its number and what the files are can be left out; not needed when a
     *     zip has it
     * @param files what it is made of: weights.safetensors and codes.safetensors, or one zip of them; each is known by its file name,
     *     whatever the part is called
     */
    // Documented by it, read by VersionUpload.
    @Schema(name = "VersionUpload")
    private record UploadForm(MultipartFile manifest, List<MultipartFile> files) {}

    /**
     * A version that was published.
     *
     * @param model the name of its model
     * @param version its number
     * @param manifest its manifest, with all that was filled in
     */
    @Schema(requiredProperties = {"model", "version", "manifest"})
    record PublishedVersion(String model, int version, Manifest manifest) {}

    /**
     * The version that an alias is to stand for.
     *
     * @param version its number
     */
    @Schema(requiredProperties = "version")
    record AliasTarget(@Min(1) Integer version) {}

    /**
     * An alias and the version it stands for.
     *
     * @param model the name of the model
     * @param alias the alias
     * @param version the number of the version
     */
    @Schema(requiredProperties = {"model", "alias", "version"})
    record AliasedVersion(String model, String alias, int version) {}

    /**
     * Publish a version of a model.
     *
     * <p>Takes a manifest and the files it describes, one by one or in a zip, checks all of it, and makes it the model's next version.
     * The model need not exist yet. What is refused leaves nothing behind. The version serves within seconds where the alias
     * {@code default} is not set.
     */
    @PostMapping(
            path = "/versions",
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "publishVersion",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                                            schema = @Schema(implementation = UploadForm.class))))
    @ApiResponse(
            responseCode = "201",
            description = "Published",
            useReturnTypeSchema = true,
            headers =
                    @Header(
                            name = "Location",
                            description = "The path of the version",
                            required = true,
                            schema = @Schema(type = "string", example = "/v1/models/fashion-vae/versions/2")))
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    @ApiResponse(responseCode = "408", ref = "RequestTimeout")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    @ApiResponse(responseCode = "413", ref = "TooLarge")
    @ApiResponse(responseCode = "415", ref = "UnsupportedContent")
    @ApiResponse(responseCode = "422", ref = "Invalid")
    @ApiResponse(responseCode = "429", ref = "Overloaded")
    ResponseEntity<PublishedVersion> publish(@PathVariable String model, HttpServletRequest request)
            throws IOException, ServletException {
        try (VersionUpload upload = VersionUpload.of(request, store, properties, Path.of(multipart.getLocation()))) {
            Manifest manifest = publisher.publish(model, upload.manifest(), upload.files());
            URI location = UriComponentsBuilder.fromPath("/v1/models/{model}/versions/{version}")
                    .build(model, manifest.number());
            return ResponseEntity.created(location).body(new PublishedVersion(model, manifest.number(), manifest));
        }
    }

    /**
     * Delete a version of a model.
     *
     * <p>Refused with 409 while an alias stands for it. With its last version, the model is gone.
     */
    @DeleteMapping("/versions/{version}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "deleteVersion")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    void delete(@PathVariable String model, @PathVariable int version) {
        publisher.delete(model, version);
    }

    /**
     * Make an alias stand for a version.
     *
     * <p>The alias may be new, or stand for another version until now. {@code default} says which version serves when none is asked
     * for; without it, the newest does. A version is loaded and warm before an alias serves it.
     */
    @PutMapping(
            path = "/aliases/{alias}",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "setAlias",
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            examples =
                                                    @ExampleObject(
                                                            name = "setAlias",
                                                            summary = "Version 1",
                                                            description = "The number of a version",
                                                            value = "{\"version\": 1}"))))
    @ApiResponse(
            responseCode = "200",
            description = "The alias stands for the version",
            useReturnTypeSchema = true,
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "setAlias",
                                            description = "The alias as it is now",
                                            value =
                                                    "{\"model\": \"fashion-vae\", \"alias\": \"canary\", \"version\": 1}")))
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    @ApiResponse(responseCode = "408", ref = "RequestTimeout")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    @ApiResponse(responseCode = "415", ref = "UnsupportedContent")
    @ApiResponse(responseCode = "422", ref = "Invalid")
    AliasedVersion setAlias(
            @PathVariable String model,
            @PathVariable String alias,
            @Valid @org.springframework.web.bind.annotation.RequestBody AliasTarget target) {
        int version = target.version();
        publisher.setAlias(model, alias, version);
        return new AliasedVersion(model, alias, version);
    }

    /**
     * Delete an alias of a model.
     *
     * <p>The version it stood for stays. Without {@code default}, the newest version serves.
     */
    @DeleteMapping("/aliases/{alias}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "deleteAlias")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    void deleteAlias(@PathVariable String model, @PathVariable String alias) {
        publisher.deleteAlias(model, alias);
    }
}
