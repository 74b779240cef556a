package io.github.latentdock.registry;

import io.github.latentdock.storage.FolderStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.SchemaProperty;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
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
import org.springframework.web.util.UriComponentsBuilder;

/** Publishes and deletes versions over HTTP, and moves aliases. */
@RestController
@RequestMapping("/v1/models/{model}")
@Tag(name = "models")
class VersionsController {

    private final ModelPublisher publisher;
    private final FolderStore store;
    private final ModelsProperties properties;

    VersionsController(ModelPublisher publisher, FolderStore modelStore, ModelsProperties properties) {
        this.publisher = publisher;
        this.store = modelStore;
        this.properties = properties;
    }

    /** A version that was published. */
    @Schema(requiredProperties = {"model", "version", "manifest"})
    record PublishedVersion(
            String model,
            int version,
            @Schema(type = "object") Manifest manifest) {}

    /** The version that an alias is to stand for. */
    record AliasTarget(@NotNull @Min(1) @Nullable Integer version) {}

    /** An alias and the version it stands for. */
    @Schema(requiredProperties = {"model", "alias", "version"})
    record AliasedVersion(String model, String alias, int version) {}

    @PostMapping(path = "/versions", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @Operation(
            operationId = "publishVersion",
            summary = "Publish a version of a model",
            description =
                    "Takes a manifest and the files it describes, one by one or in a zip, checks all of it, and makes it"
                            + " the model's next version. The model need not exist yet. What is refused leaves nothing behind.",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                                            schemaProperties = {
                                                @SchemaProperty(
                                                        name = "manifest",
                                                        schema =
                                                                @Schema(
                                                                        type = "string",
                                                                        description =
                                                                                "model.json; not needed when a zip has it")),
                                                @SchemaProperty(
                                                        name = "files",
                                                        array =
                                                                @ArraySchema(
                                                                        schema =
                                                                                @Schema(
                                                                                        type = "string",
                                                                                        format = "binary",
                                                                                        description =
                                                                                                "weights.safetensors, codes.safetensors, or one zip of them; what counts is the file name, or the part's name")))
                                            })))
    @ApiResponse(responseCode = "201", description = "Published; Location is the version's address")
    ResponseEntity<PublishedVersion> publish(@PathVariable String model, HttpServletRequest request)
            throws IOException, ServletException {
        try (VersionUpload upload = VersionUpload.of(request, store, properties)) {
            Manifest manifest = publisher.publish(model, upload.manifest(), upload.files());
            URI location = UriComponentsBuilder.fromPath("/v1/models/{model}/versions/{version}")
                    .build(model, manifest.number());
            return ResponseEntity.created(location).body(new PublishedVersion(model, manifest.number(), manifest));
        }
    }

    @DeleteMapping("/versions/{version}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteVersion",
            summary = "Delete a version of a model",
            description = "Refused while an alias stands for it. With its last version, the model is gone.")
    @ApiResponse(responseCode = "204", description = "Deleted")
    void delete(@PathVariable String model, @PathVariable int version) {
        publisher.delete(model, version);
    }

    @PutMapping("/aliases/{alias}")
    @Operation(
            operationId = "setAlias",
            summary = "Make an alias stand for a version",
            description =
                    "The alias 'default' says which version serves when none is asked for; without it, the newest does.")
    AliasedVersion setAlias(
            @PathVariable String model,
            @Parameter(description = "Such as default or canary; not a number") @PathVariable String alias,
            @Valid @org.springframework.web.bind.annotation.RequestBody AliasTarget target) {
        int version = java.util.Objects.requireNonNull(target.version());
        publisher.setAlias(model, alias, version);
        return new AliasedVersion(model, alias, version);
    }

    @DeleteMapping("/aliases/{alias}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "deleteAlias", summary = "Delete an alias of a model")
    @ApiResponse(responseCode = "204", description = "Deleted")
    void deleteAlias(@PathVariable String model, @PathVariable String alias) {
        publisher.deleteAlias(model, alias);
    }
}
