package io.github.latentdock.inference;

import io.github.latentdock.tensor.Payload;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * Instances.
 *
 * @param instances {@code [n, …input shape]}
 */
@Schema(requiredProperties = "instances")
record InstancesRequest(Payload instances) implements TensorRequest {}
