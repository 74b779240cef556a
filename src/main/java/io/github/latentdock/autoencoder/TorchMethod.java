package io.github.latentdock.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;

/**
 * A method of a TorchScript module that takes one tensor.
 *
 * @param marker carries no data: its name tells DJL which method to run
 */
record TorchMethod(TorchModule module, String name, NDArray marker) {

    /** @return one tensor, or those of a tuple; they belong to the input's manager */
    NDList run(NDArray input) {
        // Per thread. Optimising the graph anew for every batch size costs more than it gives.
        JniUtils.setGraphExecutorOptimize(false);
        // "Training" only lifts DJL's inference guard, under which no gradient flows; the module stays in evaluation
        // mode.
        return IValueUtils.forward(module.block(), new NDList(input, marker), true);
    }

    String file() {
        return module.file();
    }
}
