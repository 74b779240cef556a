package io.github.latentdock.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files of every kind byte by byte, without the library that the tested code reads them with. */
final class PngFile {

    static final int GREY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int RGBA = 6;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    PngFile(int width, int height, int bits, int colourType) {
        file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a});
        chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) bits)
                        .put((byte) colourType)
                        .array());
    }

    PngFile chunk(String name, byte... data) {
        byte[] named = ByteBuffer.allocate(4 + data.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(data)
                .array();
        var checksum = new CRC32();
        checksum.update(named);
        file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        file.writeBytes(named);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
        return this;
    }

    /** Completes the file with lines of packed samples, none of them filtered. */
    byte[] lines(int[]... lines) {
        var data = new ByteArrayOutputStream();
        for (int[] line : lines) {
            data.write(0);
            for (int value : line) {
                data.write(value);
            }
        }
        return chunk("IDAT", deflate(data.toByteArray())).chunk("IEND").file.toByteArray();
    }

    private static byte[] deflate(byte[] data) {
        try (var deflater = new Deflater()) {
            deflater.setInput(data);
            deflater.finish();
            byte[] buffer = new byte[data.length + 100];
            int size = deflater.deflate(buffer);
            return Arrays.copyOf(buffer, size);
        }
    }

    /** Makes the checksum of every chunk right again, as far as the chunks can be told apart. */
    static void repair(byte[] png) {
        ByteBuffer file = ByteBuffer.wrap(png);
        long position = 8;
        while (position + 12 <= png.length) {
            int length = file.getInt((int) position);
            if (length < 0 || position + 12 + length > png.length) {
                return;
            }
            var checksum = new CRC32();
            checksum.update(png, (int) position + 4, length + 4);
            file.putInt((int) position + 8 + length, (int) checksum.getValue());
            position += 12L + length;
        }
    }
}
