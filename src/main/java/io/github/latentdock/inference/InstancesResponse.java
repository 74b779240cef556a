package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;

/** @param instances {@code [n, …input shape]} */
record InstancesResponse(Tensor instances, @JsonIgnore ValueRange range) implements TensorResponse {
    @Override
    public Tensor tensor() {
        return instances;
    }
}
