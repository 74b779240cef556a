package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** TorchScript, compiled by PyTorch: a module without weights. Any number of threads may run it at once. */
final class CompiledScript implements AutoCloseable {

    // The pickle of an object of the class __torch__.Network with the one attribute that every module has, training =
    // False.
    private static final byte[] MODULE =
            "\u0080\u0002c__torch__\nNetwork\n)\u0081}X\b\0\0\0training\u0089sb.".getBytes(StandardCharsets.ISO_8859_1);
    // The pickle of an empty tuple.
    private static final byte[] NO_CONSTANTS = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);
    // The version of TorchScript's operators, since PyTorch 1.13.
    private static final String VERSION = "10\n";

    private final PtSymbolBlock module;

    private CompiledScript(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * @param source of a class {@code Network}
     * @param manager what the module belongs to; its device is where it runs
     */
    static CompiledScript compile(String source, NDManager manager) {
        try {
            return new CompiledScript(
                    JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive(source)), true, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs {@code forward}. Gradients flow, where an argument requires one; nothing else is kept of what is computed between.
     *
     * @return what it gives, belonging to the manager of the first argument
     */
    NDList run(NDList arguments) {
        // The optimizer wants to specialise for the shapes it sees, which costs milliseconds whenever a batch has a new
        // size,
        // and gains nothing where every line is one large kernel. The setting is the thread's.
        JniUtils.setGraphExecutorOptimize(false);
        // "Training" means only that PyTorch's inference mode is off: its results could never take part in a gradient.
        return IValueUtils.forward(module, arguments, true);
    }

    @Override
    public void close() {
        module.close();
    }

    /** What torch.jit.save would write: a zip archive of the source and of the pickled module. */
    private static byte[] archive(String source) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            put(zip, "data.pkl", MODULE);
            put(zip, "constants.pkl", NO_CONSTANTS);
            put(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry("network/" + name);
        var checksum = new CRC32();
        checksum.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
