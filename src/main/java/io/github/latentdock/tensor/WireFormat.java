package io.github.latentdock.tensor;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The formats of bodies that hold a single tensor. JSON is none of them: there a tensor is a part of an object. */
public enum WireFormat {
    RAW(ContentTypes.RAW),
    NPY(ContentTypes.NPY),
    PNG(ContentTypes.PNG),
    JPEG(ContentTypes.JPEG);

    private final String contentType;

    WireFormat(String contentType) {
        this.contentType = contentType;
    }

    /**
     * The format of a content type.
     *
     * @param contentType a media type, with or without parameters
     * @throws Problem {@code UNSUPPORTED_CONTENT} when it is none of these formats
     */
    public static WireFormat of(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(format -> format.contentType.equals(type))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                        Fault.UNSUPPORTED_CONTENT,
                        "tensors are not read from %s; besides JSON there are %s"
                                .formatted(
                                        type,
                                        Arrays.stream(values())
                                                .map(WireFormat::contentType)
                                                .collect(Collectors.joining(", ")))));
    }

    public String contentType() {
        return contentType;
    }

    /**
     * What a client sent in this format. Nothing is read before {@link Payload#rows} is called, so nothing is refused
     * here.
     */
    public Payload payload(byte[] body) {
        return switch (this) {
            case RAW -> new RawFloats(body);
            case NPY -> new NpyFile(body);
            case PNG, JPEG -> new Picture(this, body);
        };
    }

    /**
     * Makes sure that rows of a shape can be written in this format, so that an answer is not computed in vain.
     *
     * @throws Problem {@code NOT_ACCEPTABLE} for a picture of rows that are not {@code [1, h, w]} or {@code [3, h, w]}
     */
    public void requireRowShape(int... rowShape) {
        switch (this) {
            case RAW, NPY -> {}
            case PNG, JPEG -> PictureWriter.requirePicture(this, rowShape);
        }
    }

    /**
     * Writes a tensor. Several pictures become one, in a grid that is about as wide as it is high.
     *
     * @param range what becomes black and white in a picture; values beyond it are clipped
     * @throws Problem {@code NOT_ACCEPTABLE} when this format cannot hold the tensor, before anything is written
     */
    public void write(Tensor tensor, ValueRange range, OutputStream out) throws IOException {
        write(tensor, range, (int) Math.ceil(Math.sqrt(tensor.rows())), out);
    }

    /**
     * Writes a tensor, several pictures in a grid of so many columns.
     *
     * @throws Problem as the other {@code write}, and {@code INVALID} when there is not at least one column
     */
    public void write(Tensor tensor, ValueRange range, int columns, OutputStream out) throws IOException {
        switch (this) {
            case RAW -> out.write(RawFloats.write(tensor.values()));
            case NPY -> NpyFile.write(tensor, out);
            case PNG, JPEG -> PictureWriter.write(this, tensor, range, columns, out);
        }
    }
}
