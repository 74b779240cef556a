package io.github.latentdock.inference;

import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Operations of a model's default version, and of any version or alias that the path names. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@RestController
@RequestMapping({"/v1/models/{model}", "/v1/models/{model}/versions/{version}"})
@ApiResponse(
        responseCode = "200",
        description = "Computed",
        useReturnTypeSchema = true,
        headers = {
            @Header(
                    name = InferenceArguments.VERSION_HEADER,
                    description = "The version that answered",
                    required = true,
                    schema = @Schema(type = "integer", format = "int32", example = "1")),
            @Header(
                    name = "Server-Timing",
                    description = "Milliseconds in the queue and on a lane",
                    schema = @Schema(type = "string", example = "queue;dur=0.041, infer;dur=1.730"))
        })
@ApiResponse(responseCode = "400", ref = "BadRequest")
@ApiResponse(responseCode = "404", ref = "NotFound")
@ApiResponse(responseCode = "406", ref = "NotAcceptable")
@ApiResponse(responseCode = "408", ref = "RequestTimeout")
@ApiResponse(responseCode = "413", ref = "TooLarge")
@ApiResponse(responseCode = "415", ref = "UnsupportedContent")
@ApiResponse(responseCode = "422", ref = "Invalid")
@ApiResponse(responseCode = "429", ref = "Overloaded")
@ApiResponse(responseCode = "500", ref = "Failed")
@ApiResponse(responseCode = "503", ref = "Unavailable")
@ApiResponse(responseCode = "504", ref = "DeadlineExceeded")
@interface ModelMapping {}
