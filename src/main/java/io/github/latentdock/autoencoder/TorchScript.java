package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An autoencoder saved by {@code torch.jit.save}: either {@code model.pt}, with the methods {@code encode} and {@code decode} or,
 * without an encoder, a {@code forward} that decodes; or {@code encoder.pt} and {@code decoder.pt}, with a {@code forward} each.
 * An encoder gives the latents, or a tuple of mean and log-variance.
 *
 * <p>TorchScript is code: load it only from where the operator put it.
 */
public final class TorchScript implements Autoencoder {

    private static final String ENCODER = "encoder.pt";
    private static final String DECODER = "decoder.pt";
    private static final String MODEL = "model.pt";

    private final NDManager weights;
    private final TorchMethod decoder;
    private final @Nullable TorchMethod encoder;

    private TorchScript(NDManager weights, TorchMethod decoder, @Nullable TorchMethod encoder) {
        this.weights = weights;
        this.decoder = decoder;
        this.encoder = encoder;
    }

    /**
     * Loads and tries the modules of a folder.
     *
     * @param input the shape of one example
     * @param latent the shape of one latent
     * @throws InvalidModelException when a file is missing or broken, or does not fit the kind and the shapes
     */
    public static TorchScript load(Path folder, Kind kind, Shape input, Shape latent) {
        NDManager weights = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        try {
            TorchScript model = open(weights, folder);
            model.check(kind, input, latent);
            return model;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static TorchScript open(NDManager weights, Path folder) {
        Path file = folder.resolve(MODEL);
        if (!Files.exists(file)) {
            return openHalves(weights, folder);
        }
        TorchModule module = TorchModule.load(weights, file);
        boolean encodes = module.has("encode");
        if (module.has("decode")) {
            return new TorchScript(weights, module.method("decode"), encodes ? module.method("encode") : null);
        }
        if (encodes) {
            throw new InvalidModelException(MODEL, "has a method 'encode' but no 'decode'");
        }
        return new TorchScript(weights, module.method("forward"), null);
    }

    private static TorchScript openHalves(NDManager weights, Path folder) {
        if (!Files.exists(folder.resolve(DECODER))) {
            throw new InvalidModelException(MODEL, "missing, and so is %s: one of them is needed".formatted(DECODER));
        }
        TorchModule decoder = TorchModule.load(weights, folder.resolve(DECODER));
        Path encoder = folder.resolve(ENCODER);
        return new TorchScript(
                weights,
                decoder.method("forward"),
                Files.exists(encoder) ? TorchModule.load(weights, encoder).method("forward") : null);
    }

    /** Two examples of zeros tell the shapes, and two rows tell a module that was traced for a batch of one. */
    private void check(Kind kind, Shape input, Shape latent) {
        Shape two = new Shape(2);
        try (NDManager manager = weights.newSubManager()) {
            expect(decoder, attempt(decoder, manager.zeros(two.addAll(latent))), two.addAll(input), 1);
            if (encoder == null) {
                if (kind != Kind.AD) {
                    throw new InvalidModelException(
                            decoder.file(), "has no encoder, which the kind '%s' needs".formatted(lower(kind)));
                }
                return;
            }
            NDList said = attempt(encoder, manager.zeros(two.addAll(input)));
            if (kind != Kind.AD) {
                expect(encoder, said, two.addAll(latent), kind == Kind.VAE ? 2 : 1);
            }
        }
    }

    private static NDList attempt(TorchMethod method, NDArray zeros) {
        try {
            return method.run(zeros);
        } catch (RuntimeException e) {
            throw invalid(
                    method,
                    "cannot run on %s: %s%s"
                            .formatted(
                                    zeros.getShape(),
                                    TorchModule.reason(e),
                                    runs(method, zeros.get("0:1"))
                                            ? "; it runs on one row: was it traced with a batch of one?"
                                            : ""));
        }
    }

    private static boolean runs(TorchMethod method, NDArray zeros) {
        try {
            method.run(zeros);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static void expect(TorchMethod method, NDList given, Shape shape, int count) {
        if (given.size() != count) {
            throw invalid(
                    method,
                    "gives %d tensor(s), %d needed%s"
                            .formatted(given.size(), count, count == 2 ? ": mean and log-variance" : ""));
        }
        for (NDArray array : given) {
            if (!array.getShape().equals(shape)) {
                throw invalid(
                        method, "gives %s for two examples, the manifest says %s".formatted(array.getShape(), shape));
            }
            if (array.getDataType() != DataType.FLOAT32) {
                throw invalid(method, "gives %s, float32 needed".formatted(lower(array.getDataType())));
            }
            if (array.isNaN().any().getBoolean() || array.isInfinite().any().getBoolean()) {
                throw invalid(method, "gives NaN or infinity for zeros");
            }
        }
    }

    private static InvalidModelException invalid(TorchMethod method, String detail) {
        return new InvalidModelException(method.file(), "'%s' %s".formatted(method.name(), detail));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean hasEncoder() {
        return encoder != null;
    }

    @Override
    public Posterior encode(NDArray x) {
        if (encoder == null) {
            throw new IllegalStateException("%s has no encoder".formatted(decoder.file()));
        }
        NDList said = encoder.run(x);
        return new Posterior(said.get(0), said.size() > 1 ? said.get(1) : null);
    }

    @Override
    public NDArray decode(NDArray z) {
        return decoder.run(z).get(0);
    }

    @Override
    public void close() {
        weights.close();
    }
}
