package io.github.latentdock.autoencoder;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.Arena;

/**
 * Decodes always the same number of rows, and takes a vector through the decoder's Jacobian to the latents. Rows that are not needed
 * hold what was there before. For one thread.
 */
final class DecoderBlock implements AutoCloseable {

    private final Autoencoder model;
    private final Shapes shapes;
    private final int rows;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Arena memory = Arena.ofConfined();
    private final Aligned latents;
    private final Aligned slopes;
    private final NDArray slopesArray;

    DecoderBlock(Autoencoder model, Shapes shapes, int rows) {
        this.model = model;
        this.shapes = shapes;
        this.rows = rows;
        try {
            this.latents = Aligned.allocate(memory, rows * shapes.latentSize());
            this.slopes = Aligned.allocate(memory, rows * shapes.inputSize());
            this.slopesArray = slopes.array(manager, shapes.inputs(rows));
        } catch (RuntimeException | Error e) {
            manager.close();
            memory.close();
            throw e;
        }
    }

    int rows() {
        return rows;
    }

    /** @param z {@code [rows * latent size]}
     * @param decoded takes {@code [rows * input size]} */
    void decode(float[] z, float[] decoded) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        latents.write(z, z.length);
        try (NDManager pass = manager.newSubManager()) {
            read(model.decode(latents.array(pass, shapes.latents(rows))), decoded);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /**
     * Decodes, lets the derivative of something in each decoded value be found, and takes it back to the latents.
     *
     * @param vector {@code [rows * input size]}, filled by {@code derivative} when {@code decoded} is there
     * @param gradient takes {@code [rows * latent size]}
     * @throws EngineException when no gradient flows through the decoder
     */
    void decode(float[] z, float[] decoded, Runnable derivative, float[] vector, float[] gradient) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        latents.write(z, z.length);
        try (NDManager pass = manager.newSubManager()) {
            NDArray array = latents.array(pass, shapes.latents(rows));
            array.setRequiresGradient(true);
            NDArray output = model.decode(array);
            read(output, decoded);
            derivative.run();
            slopes.write(vector, vector.length);
            // Not DJL's GradientCollector: of those there is one per process, and several lanes optimise at once.
            JniUtils.backward((PtNDArray) output, (PtNDArray) slopesArray, false, false);
            read(array.getGradient(), gradient);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    static void read(NDArray from, float[] into) {
        from.toByteBuffer(true).asFloatBuffer().get(into);
    }

    @Override
    public void close() {
        manager.close();
        memory.close();
    }
}
