package io.github.latentdock.tensor;

import io.github.latentdock.problem.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of numbers that are read from .npy files, named as NumPy abbreviates them: kind and bytes. */
enum NpyType {
    F2(Short.BYTES),
    F4(Float.BYTES),
    F8(Double.BYTES),
    U1(Byte.BYTES),
    I1(Byte.BYTES),
    I2(Short.BYTES),
    I4(Integer.BYTES),
    I8(Long.BYTES),
    B1(Byte.BYTES);

    private final int bytes;

    NpyType(int bytes) {
        this.bytes = bytes;
    }

    private static Optional<NpyType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.code().equals(name)).findFirst();
    }

    private static String names() {
        return Arrays.stream(values()).map(NpyType::code).collect(Collectors.joining(", "));
    }

    private String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    int bytes() {
        return bytes;
    }

    /** @throws Problem {@code INVALID} naming the types that are read */
    static NpyType of(String field, String descr) {
        if (descr.endsWith("O")) {
            throw Problem.invalid(field, "%s is a .npy file of pickled objects, which are never read".formatted(field));
        }
        boolean ordered = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
        return named(ordered ? descr.substring(1) : descr)
                .orElseThrow(() ->
                        Problem.invalid(field, "%s has dtype %s, these are read: %s".formatted(field, descr, names())));
    }

    /** Reads the next number, rounded to the nearest double. */
    double nextDouble(ByteBuffer file) {
        return switch (this) {
            case F8 -> file.getDouble();
            case I4 -> file.getInt();
            case I8 -> file.getLong();
            default -> next(file);
        };
    }

    /** Reads the next number, rounded to the nearest float. */
    float next(ByteBuffer file) {
        return switch (this) {
            case F2 -> Float.float16ToFloat(file.getShort());
            case F4 -> file.getFloat();
            case F8 -> (float) file.getDouble();
            case U1 -> Byte.toUnsignedInt(file.get());
            case I1 -> file.get();
            case I2 -> file.getShort();
            case I4 -> file.getInt();
            case I8 -> file.getLong();
            case B1 -> file.get() == 0 ? 0 : 1;
        };
    }
}
