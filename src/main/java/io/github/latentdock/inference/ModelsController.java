package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.inference.LoadedModels.State;
import io.github.latentdock.inference.LoadedModels.Status;
import io.github.latentdock.registry.Manifest;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import io.swagger.v3.oas.annotations.Operation;
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
class ModelsController {

    private final ModelRepository repository;
    private final LoadedModels loaded;

    ModelsController(ModelRepository repository, LoadedModels loaded) {
        this.repository = repository;
        this.loaded = loaded;
    }

    record ModelList(List<ModelView> models) {}

    /**
     * @param defaultVersion what answers when no version is named; null while nothing does
     * @param aliases the version that each alias names
     * @param versions newest first
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ModelView(
            String name,
            @Nullable Integer defaultVersion,
            SortedMap<String, Integer> aliases,
            @Nullable String aliasFault,
            List<VersionView> versions) {}

    /**
     * @param state READY, LOADING, IDLE (the first request loads it) or FAILED
     * @param reason why it is FAILED
     * @param manifest absent where it cannot be read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record VersionView(
            String model,
            int version,
            State state,
            @Nullable String reason,
            @Nullable Manifest manifest) {}

    @GetMapping
    @Operation(operationId = "listModels", summary = "All models, their versions and whether they can answer")
    ModelList list() {
        return new ModelList(
                repository.snapshot().models().values().stream().map(this::view).toList());
    }

    @GetMapping("/{model}")
    @Operation(operationId = "getModel", summary = "A model, its versions and aliases")
    ModelView model(@PathVariable String model) {
        return view(repository.snapshot().model(model));
    }

    @GetMapping("/{model}/versions/{version}")
    @Operation(operationId = "getVersion", summary = "A version, by its number or an alias, with its manifest")
    VersionView version(@PathVariable String model, @PathVariable String version) {
        return view(repository.snapshot().model(model).version(version));
    }

    private ModelView view(Model model) {
        var aliases = new TreeMap<>(model.aliases());
        return new ModelView(
                model.name(),
                loaded.served(model.name(), Model.DEFAULT),
                aliases,
                model.aliasFault(),
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
