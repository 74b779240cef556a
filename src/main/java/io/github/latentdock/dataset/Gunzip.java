package io.github.latentdock.dataset;

import io.github.latentdock.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What was packed with gzip, in one member or several (RFC 1952). Unlike the JDK's, it does not pass over what follows the last
 * one.
 */
final class Gunzip extends InputStream {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int DEFLATE = 8;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final String field;
    private final PushbackInputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] packed = new byte[BUFFER_BYTES];
    private int filled;
    private boolean ended;

    /** @throws Problem {@code MALFORMED}, also later while it is read, when it is damaged or cut off, or goes on after its end */
    Gunzip(String field, InputStream in) throws IOException {
        this.field = field;
        this.in = new PushbackInputStream(in, BUFFER_BYTES);
        if (!isMember()) {
            throw wrong("it is damaged, in its first two bytes");
        }
        header();
    }

    static boolean begins(int first, int second) {
        return first == 0x1f && second == 0x8b;
    }

    private boolean isMember() throws IOException {
        int first = in.read();
        return first >= 0 && begins(first, in.read());
    }

    private void header() throws IOException {
        int method = next();
        int flags = next();
        if (method != DEFLATE || (flags & RESERVED) != 0) {
            throw wrong("it is damaged, in its header");
        }
        passOver(6); // The time, and on which system.
        if ((flags & EXTRA) != 0) {
            passOver(number(2));
        }
        for (int text : new int[] {NAME, COMMENT}) {
            while ((flags & text) != 0 && next() != 0) {
                // It ends with a zero.
            }
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            passOver(2);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int count = inflate(bytes, from, length);
            if (count > 0) {
                checksum.update(bytes, from, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsInput()) {
                fill();
            } else {
                throw wrong("it is damaged");
            }
        }
        return -1;
    }

    private int inflate(byte[] bytes, int from, int length) {
        try {
            return inflater.inflate(bytes, from, length);
        } catch (DataFormatException e) {
            throw wrong("it is damaged");
        }
    }

    private void fill() throws IOException {
        int count = in.read(packed, 0, packed.length);
        if (count < 0) {
            throw cutOff();
        }
        inflater.setInput(packed, 0, count);
        filled = count;
    }

    private void endMember() throws IOException {
        in.unread(packed, filled - inflater.getRemaining(), inflater.getRemaining());
        if (number(4) != checksum.getValue() || number(4) != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw wrong("it is damaged, its checksum is another one");
        }
        int first = in.read();
        if (first < 0) {
            ended = true;
            return;
        }
        if (!begins(first, in.read())) {
            throw wrong("it goes on after its end");
        }
        header();
        inflater.reset();
        checksum.reset();
    }

    private long number(int bytes) throws IOException {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (long) next() << (Byte.SIZE * i);
        }
        return number;
    }

    private void passOver(long bytes) throws IOException {
        for (long i = 0; i < bytes; i++) {
            next();
        }
    }

    private int next() throws IOException {
        int value = in.read();
        if (value < 0) {
            throw cutOff();
        }
        return value;
    }

    private Problem cutOff() {
        return wrong("it is cut off");
    }

    private Problem wrong(String what) {
        return Problem.malformed(field, "%s cannot be unpacked: %s".formatted(field, what));
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
