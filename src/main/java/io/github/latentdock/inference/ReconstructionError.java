package io.github.latentdock.inference;

import io.github.latentdock.tensor.Tensor;

/** How far reconstructions are from what they reconstruct. */
final class ReconstructionError {

    private ReconstructionError() {}

    /** The mean squared error of every row. */
    static float[] perRow(Tensor x, Tensor reconstruction) {
        float[] errors = new float[x.rows()];
        int size = x.rowSize();
        for (int row = 0; row < errors.length; row++) {
            double sum = 0;
            for (int i = row * size; i < (row + 1) * size; i++) {
                double difference = x.values()[i] - reconstruction.values()[i];
                sum += difference * difference;
            }
            errors[row] = (float) (sum / size);
        }
        return errors;
    }
}
