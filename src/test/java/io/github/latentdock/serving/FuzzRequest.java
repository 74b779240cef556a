package io.github.latentdock.serving;

import io.github.latentdock.testing.Http;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;

/**
 * A request to be spoiled.
 *
 * @param headers names and values in turn, of which the first two are the content type
 */
record FuzzRequest(String method, String path, List<String> headers, byte[] body) {

    static FuzzRequest post(String path, String type, String accept, byte[] body) {
        return new FuzzRequest("POST", path, List.of("Content-Type", type, "Accept", accept), body);
    }

    boolean isJson() {
        return headers.contains("application/json") && body.length > 0 && body[0] == '{';
    }

    FuzzRequest withPath(String other) {
        return new FuzzRequest(method, other, headers, body);
    }

    FuzzRequest withBody(byte[] other) {
        return new FuzzRequest(method, path, headers, other);
    }

    FuzzRequest withMethod(String other) {
        return new FuzzRequest(other, path, headers, body);
    }

    FuzzRequest with(String name, String value) {
        var more = new ArrayList<>(headers);
        int known = more.indexOf(name);
        if (known >= 0) {
            more.set(known + 1, value);
        } else {
            more.addAll(List.of(name, value));
        }
        return new FuzzRequest(method, path, more, body);
    }

    FuzzRequest without(String name) {
        var fewer = new ArrayList<>(headers);
        int known = fewer.indexOf(name);
        if (known >= 0) {
            fewer.subList(known, known + 2).clear();
        }
        return new FuzzRequest(method, path, fewer, body);
    }

    Http.Answer send(Http http) {
        HttpRequest.Builder request = http.request(path);
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        return http.send(
                request.method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body)));
    }

    @Override
    public String toString() {
        return "%s %s %s, %d bytes".formatted(method, path, headers, body.length);
    }
}
