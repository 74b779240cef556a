package io.github.latentdock.inference;

import io.github.latentdock.tensor.ContentTypes;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;

/** An operation that takes and gives tensors, in any of the formats that tensors travel in. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@RequestMapping(
        method = RequestMethod.POST,
        consumes = {
            MediaType.APPLICATION_JSON_VALUE,
            ContentTypes.RAW,
            ContentTypes.NPY,
            ContentTypes.PNG,
            ContentTypes.JPEG
        },
        produces = {
            MediaType.APPLICATION_JSON_VALUE,
            ContentTypes.RAW,
            ContentTypes.NPY,
            ContentTypes.PNG,
            ContentTypes.JPEG
        })
@interface InferenceMapping {

    @AliasFor(annotation = RequestMapping.class, attribute = "path")
    String[] value();
}
