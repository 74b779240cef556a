package io.github.latentdock.dataset;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.util.UriComponentsBuilder;

/** Uploads, shows and deletes datasets over HTTP. */
@RestController
@RequestMapping("/v1/datasets")
@Tag(name = "datasets")
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
class DatasetsController {

    private static final String LOCATION = "/v1/datasets/{dataset}";

    private final Datasets datasets;
    private final DatasetPublisher publisher;
    private final DatasetsProperties limits;

    DatasetsController(Datasets datasets, DatasetPublisher publisher, DatasetsProperties limits) {
        this.datasets = datasets;
        this.publisher = publisher;
        this.limits = limits;
    }

    /**
     * The datasets.
     *
     * @param datasets in the order of their names
     */
    @Schema(requiredProperties = "datasets")
    record DatasetList(List<Dataset> datasets) {}

    /**
     * A dataset to be added.
     *
     * @param name what the dataset shall be called: small letters, digits, dots, dashes and underscores
     * @param file the examples
     * @param labels to which class each example belongs: whole numbers as .npy, IDX or CSV, or a line of text each
     * @param groups to which group each example belongs, as labels
     * @param mask of the same shape as the file, 1 for what was observed and 0 for what is missing
     * @param format of the file; its content tells when this is absent
     * @param missing whether NaN, or an empty field of CSV, means that a value is missing; both are refused when this is absent
     * @param resize height and width to which the pictures of a zip are scaled, such as 28x28
     * @param header whether the first line of CSV is one; it tells by itself when this is absent
     */
    // Documented by it, read by DatasetUpload.
    @Schema(
            name = "DatasetUpload",
            requiredProperties = {"name", "file"})
    private record UploadForm(
            String name,
            MultipartFile file,
            MultipartFile labels,
            MultipartFile groups,
            MultipartFile mask,
            DatasetFormat format,
            @Schema(allowableValues = "nan") String missing,
            String resize,
            Boolean header) {}

    /**
     * List the datasets.
     *
     * <p>Tells of each what it holds and what its values are like.
     */
    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "listDatasets")
    @ApiResponse(responseCode = "200", description = "What there is", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    DatasetList list() {
        return new DatasetList(datasets.all());
    }

    /**
     * Get a dataset.
     *
     * <p>Tells, by its name or id, what it holds and what its values are like.
     */
    @GetMapping(path = "/{dataset}", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "getDataset")
    @ApiResponse(responseCode = "200", description = "What it is", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    Dataset get(@PathVariable String dataset) {
        return datasets.require(dataset);
    }

    /**
     * Look at a dataset.
     *
     * <p>A picture of its first 64 images in a grid where they have one channel or three, and a plot of its first rows as lines
     * otherwise. What is missing is hatched in blue in images, and a gap in lines.
     */
    @GetMapping(path = "/{dataset}/preview", produces = MediaType.IMAGE_PNG_VALUE)
    @Operation(operationId = "previewDataset")
    @ApiResponse(
            responseCode = "200",
            description = "A picture",
            content =
                    @Content(
                            mediaType = MediaType.IMAGE_PNG_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    byte[] preview(@PathVariable String dataset) {
        Dataset shown = datasets.require(dataset);
        try (DatasetReader reader = datasets.open(shown)) {
            return reader.reading(() -> Preview.of(shown, reader));
        }
    }

    /**
     * Upload a dataset.
     *
     * <p>Takes a file of examples (.npy, .npz, IDX, CSV, or a zip of PNG and JPEG pictures; all but the zips may be packed with gzip),
     * checks all of it, and keeps it under a name. What is refused leaves nothing behind. The same upload again is answered with 200
     * and the dataset that is there, also under another name.
     */
    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE, produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "uploadDataset",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                                            schema = @Schema(implementation = UploadForm.class))))
    @ApiResponse(
            responseCode = "201",
            description = "Added",
            useReturnTypeSchema = true,
            headers =
                    @Header(
                            name = "Location",
                            description = "The path of the dataset",
                            required = true,
                            schema = @Schema(type = "string", example = "/v1/datasets/fashion-mnist")))
    @ApiResponse(
            responseCode = "200",
            description = "The same dataset is there already",
            useReturnTypeSchema = true,
            headers =
                    @Header(
                            name = "Location",
                            description = "The path of the dataset",
                            required = true,
                            schema = @Schema(type = "string", example = "/v1/datasets/fashion-mnist")))
    @ApiResponse(responseCode = "400", ref = "BadRequest")
    @ApiResponse(responseCode = "406", ref = "NotAcceptable")
    @ApiResponse(responseCode = "408", ref = "RequestTimeout")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    @ApiResponse(responseCode = "413", ref = "TooLarge")
    @ApiResponse(responseCode = "415", ref = "UnsupportedContent")
    @ApiResponse(responseCode = "422", ref = "Invalid")
    @ApiResponse(responseCode = "429", ref = "Overloaded")
    ResponseEntity<Dataset> upload(HttpServletRequest request) throws IOException, ServletException {
        publisher.requireWritable();
        try (DatasetUpload upload = DatasetUpload.of(request, limits)) {
            NewDataset dataset = upload.dataset();
            DatasetPublisher.Added added = PlatformThread.run("dataset-upload", () -> publisher.add(dataset));
            URI location = UriComponentsBuilder.fromPath(LOCATION)
                    .build(added.dataset().name());
            return ResponseEntity.status(added.isNew() ? HttpStatus.CREATED : HttpStatus.OK)
                    .location(location)
                    .body(added.dataset());
        }
    }

    /**
     * Delete a dataset.
     *
     * <p>What reads it meanwhile reads on to its end.
     */
    @DeleteMapping("/{dataset}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "deleteDataset")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "404", ref = "NotFound")
    @ApiResponse(responseCode = "409", ref = "Conflict")
    void delete(@PathVariable String dataset) {
        publisher.delete(dataset);
    }
}
