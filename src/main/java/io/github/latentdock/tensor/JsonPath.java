package io.github.latentdock.tensor;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;

/** Names places in a JSON body the way problems do: {@code instances[3][0]}. */
final class JsonPath {

    /** What the outermost value is called. */
    private static final String ROOT = "body";

    private JsonPath() {}

    /** Where the current token's value is. */
    static String ofValue(JsonParser parser) {
        return of(place(parser));
    }

    /** The path of the first entry, and its first entry, …, up so many arrays from the current value. */
    static String first(JsonParser parser, int arrays) {
        TokenStreamContext place = place(parser);
        for (int i = 0; i < arrays; i++) {
            place = place.getParent();
        }
        return of(place) + "[0]".repeat(arrays);
    }

    /** What the current token is, for people. */
    static String kind(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> "a text";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> "a number";
            case VALUE_NULL -> "null";
            case START_OBJECT -> "an object";
            case null, default -> "something else";
        };
    }

    /** An opening token is already inside of its own context, a closing one outside of it again. */
    private static TokenStreamContext place(JsonParser parser) {
        TokenStreamContext context = parser.streamReadContext();
        JsonToken token = parser.currentToken();
        return token != null && token.isStructStart() ? context.getParent() : context;
    }

    private static String of(TokenStreamContext context) {
        if (context.inRoot()) {
            return ROOT;
        }
        TokenStreamContext parent = context.getParent();
        if (context.inArray()) {
            return of(parent) + "[" + context.getCurrentIndex() + "]";
        }
        return parent.inRoot() ? context.currentName() : of(parent) + "." + context.currentName();
    }
}
