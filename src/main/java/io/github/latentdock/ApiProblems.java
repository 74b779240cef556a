package io.github.latentdock;

import io.github.latentdock.problem.Fault;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The responses that operations refer to by name when they document what can go wrong. */
final class ApiProblems {

    private static final String DETAIL = "instances[0] has shape [3], model needs [1, 28, 28]";

    private ApiProblems() {}

    /** By the names that operations use. */
    static Map<String, ApiResponse> responses() {
        var responses = new LinkedHashMap<String, ApiResponse>();
        responses.put("BadRequest", problem("The request cannot be read", Fault.MALFORMED));
        responses.put(
                "NotFound", problem("There is no such model, version, alias, dataset or training", Fault.NOT_FOUND));
        responses.put(
                "NotAcceptable",
                problem("None of the content types that are accepted can hold the answer", Fault.NOT_ACCEPTABLE));
        responses.put(
                "Unsupported",
                problem(
                        "A model of this kind cannot do that; the detail tells what it can",
                        Fault.UNSUPPORTED_OPERATION));
        responses.put("RequestTimeout", problem("The body took too long to arrive", Fault.REQUEST_TIMEOUT));
        responses.put("Conflict", problem("What was asked contradicts what is there", Fault.CONFLICT));
        responses.put("TooLarge", problem("There are too many bytes or rows", Fault.TOO_LARGE));
        responses.put(
                "UnsupportedContent", problem("Bodies of this content type are not read", Fault.UNSUPPORTED_CONTENT));
        responses.put(
                "Invalid", problem("A shape, a number or a file is wrong; `errors` tell which and why", Fault.INVALID));
        responses.put(
                "Overloaded",
                retry(problem("Too many rows or trainings wait, or too many bodies are under way", Fault.OVERLOADED)));
        responses.put("Failed", problem("The service failed; its log tells why", "internal-server-error"));
        responses.put(
                "Unavailable",
                retry(problem("The version cannot be served yet, or the service is shutting down", Fault.UNAVAILABLE)));
        responses.put(
                "DeadlineExceeded",
                problem("The deadline passed before the answer was there", Fault.DEADLINE_EXCEEDED));
        return responses;
    }

    /** What they all hold. */
    static Schema<?> schema() {
        return new ObjectSchema()
                .description("What went wrong, as RFC 9457 has it")
                .addProperty(
                        "type",
                        new StringSchema()
                                .description("Which kind of problem it is")
                                .example(Fault.INVALID.type()))
                .addProperty(
                        "title",
                        new StringSchema().description("The status in words").example("Unprocessable Content"))
                .addProperty(
                        "status",
                        new IntegerSchema().description("The HTTP status").example(422))
                .addProperty(
                        "detail",
                        new StringSchema()
                                .description("What was given and what would be right")
                                .example(DETAIL))
                .addProperty(
                        "instance",
                        new StringSchema()
                                .description("The path of the request")
                                .example("/v1/models/fashion-ae/encode"))
                .addProperty(
                        "errors",
                        new ArraySchema()
                                .description("The fields that are to blame, where there are any")
                                .items(new Schema<>().$ref("#/components/schemas/FieldError")))
                .required(List.of("type", "title", "status", "detail", "instance"));
    }

    /** What their {@code errors} hold. */
    static Schema<?> fieldError() {
        return new ObjectSchema()
                .description("A field and what is wrong with it")
                .addProperty(
                        "field",
                        new StringSchema()
                                .description("A field of the body, a query parameter, a header or a file")
                                .example("instances[0]"))
                .addProperty(
                        "detail",
                        new StringSchema().description("What is wrong with it").example(DETAIL))
                .required(List.of("field", "detail"));
    }

    private static ApiResponse problem(String description, Fault fault) {
        return problem(description, fault.type().substring(fault.type().lastIndexOf(':') + 1));
    }

    private static ApiResponse problem(String description, String type) {
        return new ApiResponse()
                .description("%s (`urn:latentdock:problem:%s`)".formatted(description, type))
                .content(new Content()
                        .addMediaType(
                                "application/problem+json",
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/Problem"))));
    }

    private static ApiResponse retry(ApiResponse response) {
        return response.addHeaderObject(
                "Retry-After",
                new Header()
                        .description("After how many seconds it is worth trying again")
                        .required(true)
                        .schema(new IntegerSchema().example(1)));
    }
}
