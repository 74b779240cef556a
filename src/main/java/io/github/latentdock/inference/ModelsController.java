package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.inference.LoadedModels.Status;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/models}: what there is, and whether it can answer. */
@RestController
@RequestMapping(path = "/v1/models", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "models")
@ApiResponse(responseCode = "200", description = "What there is", useReturnTypeSchema = true)
@ApiResponse(responseCode = "406", ref = "NotAcceptable")
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class ModelsController {

    private final ModelRepository repository;
    private final LoadedModels loaded;

    ModelsController(ModelRepository repository, LoadedModels loaded) {
        this.repository = repository;
        this.loaded = loaded;
    }

    /**
     * The models.
     *
     * @param models in the order of their names
     */
    @Schema(requiredProperties = "models")
    record ModelList(List<ModelView> models) {}

    /**
     * A model.
     *
     * @param name what paths call it
     * @param defaultVersion the version that answers when none is named; absent while none can
     * @param aliases the version that each alias stands for
     * @param aliasFault why the aliases cannot be read, or which of them name a version that is not there; absent when all is well
     * @param versions newest first
     */
    @Schema(
            name = "Model",
            requiredProperties = {"name", "aliases", "versions"})
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ModelView(
            String name,
            @Nullable Integer defaultVersion,
            SortedMap<String, Integer> aliases,
            @Nullable String aliasFault,
            List<VersionView> versions) {}

    /**
     * A version of a model.
     *
     * @param model the name of its model
     * @param version its number
     * @param state READY: in memory and warm; LOADING: being read; IDLE: not in memory, the first request loads it; FAILED: cannot be
     *     served
     * @param reason why it is FAILED; absent in other states
     * @param manifest absent where it cannot be read
     */
    @Schema(
            name = "ModelVersion",
            requiredProperties = {"model", "version", "state"})
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record VersionView(
            String model,
            int version,
            State state,
            @Nullable String reason,
            @Nullable Manifest manifest) {}

    /**
     * List the models.
     *
     * <p>Tells all models with their versions, aliases and manifests, and whether each version can answer.
     */
    @GetMapping
    @Operation(operationId = "listModels")
    ModelList list() {
        return new ModelList(
                repository.snapshot().models().values().stream().map(this::view).toList());
    }

    /**
     * Get a model.
     *
     * <p>Tells its versions with their manifests, its aliases, and which version serves by default.
     */
    @GetMapping("/{model}")
    @Operation(operationId = "getModel")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    ModelView model(@PathVariable String model) {
        return view(repository.snapshot().model(model));
    }

    /**
     * Get a version of a model.
     *
     * <p>Tells, by its number or an alias, its manifest, whether it can answer, and if not why.
     */
    @GetMapping("/{model}/versions/{version}")
    @Operation(operationId = "getVersion")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    VersionView version(@PathVariable String model, @PathVariable String version) {
        return view(repository.snapshot().model(model).version(version));
    }

    private ModelView view(Model model) {
        var aliases = new TreeMap<>(model.aliases());
        return new ModelView(
                model.name(),
                loaded.served(model.name(), Model.DEFAULT),
                aliases,
                model.faultOfAliases(),
                model.versions().reversed().values().stream().map(this::view).toList());
    }

    private VersionView view(Version version) {
        Status status = loaded.status(version);
        return new VersionView(
                version.model(),
                version.number(),
                status.state(),
                status.reason(),
                version instanceof Version.Sound sound ? sound.manifest() : null);
    }
}
