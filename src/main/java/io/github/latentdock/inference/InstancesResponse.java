package io.github.latentdock.inference;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * Instances.
 *
 * @param instances {@code [n, …input shape]}
 */
@Schema(requiredProperties = "instances")
record InstancesResponse(Tensor instances, @JsonIgnore ValueRange range) implements TensorResponse {
    @Override
    public Tensor tensor() {
        return instances;
    }
}
