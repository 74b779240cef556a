package io.github.latentdock.inference;

import io.github.latentdock.tensor.Payload;

/** @param instances {@code [n, …input shape]} */
record InstancesRequest(Payload instances) implements TensorRequest {
    InstancesRequest {
        Required.field("instances", instances);
    }
}
