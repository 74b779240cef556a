package io.github.latentdock.autoencoder;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The element types of a safetensors file that are read; all little-endian, all turned into float32. */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    F16(2),
    BF16(2),
    U32(4),
    I32(4),
    F32(4),
    U64(8),
    I64(8),
    F64(8);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }

    static Optional<Dtype> named(String name) {
        return Arrays.stream(values())
                .filter(dtype -> dtype.name().equals(name))
                .findFirst();
    }

    /** Copies all elements; what float32 cannot hold exactly is rounded, and becomes infinite beyond its range. */
    void read(MemorySegment from, float[] to) {
        if (this == F32) {
            MemorySegment.copy(from, FLOAT, 0, to, 0, to.length);
            return;
        }
        for (int i = 0; i < to.length; i++) {
            to[i] = value(from, (long) i * bytes);
        }
    }

    /** Whether no element is NaN or infinite, as the file has it. */
    boolean finite(MemorySegment data) {
        long size = data.byteSize();
        return switch (this) {
            case BOOL, U8, I8, U16, I16, U32, I32, U64, I64 -> true;
            case F16 -> below(data, size, 0x7c00);
            case BF16 -> below(data, size, 0x7f80);
            case F32 -> {
                boolean finite = true;
                for (long at = 0; at < size; at += Float.BYTES) {
                    finite &= (data.get(INT, at) & 0x7f800000) != 0x7f800000;
                }
                yield finite;
            }
            case F64 -> {
                boolean finite = true;
                for (long at = 0; at < size; at += Double.BYTES) {
                    finite &= Math.abs(data.get(DOUBLE, at)) <= Double.MAX_VALUE;
                }
                yield finite;
            }
        };
    }

    private static boolean below(MemorySegment data, long size, int exponent) {
        boolean finite = true;
        for (long at = 0; at < size; at += Short.BYTES) {
            finite &= (data.get(SHORT, at) & exponent) != exponent;
        }
        return finite;
    }

    private float value(MemorySegment from, long at) {
        return switch (this) {
            case BOOL, U8 -> from.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            case I8 -> from.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> from.get(SHORT, at) & 0xffff;
            case I16 -> from.get(SHORT, at);
            case F16 -> Float.float16ToFloat(from.get(SHORT, at));
            case BF16 -> Float.intBitsToFloat(from.get(SHORT, at) << 16);
            case U32 -> from.get(INT, at) & 0xffffffffL;
            case I32 -> from.get(INT, at);
            case F32 -> from.get(FLOAT, at);
            case U64 -> unsigned(from.get(LONG, at));
            case I64 -> from.get(LONG, at);
            case F64 -> (float) from.get(DOUBLE, at);
        };
    }

    /** Halves before it converts, keeping the lost bit, so that the sign bit counts as 2^63 and rounding stays right. */
    private static float unsigned(long bits) {
        return bits >= 0 ? bits : 2f * ((bits >>> 1) | (bits & 1));
    }
}
