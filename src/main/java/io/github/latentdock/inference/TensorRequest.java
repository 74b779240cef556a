package io.github.latentdock.inference;

/**
 * A record that a request's body is read into. Its first component holds the rows that a body in another format than JSON
 * consists of; the other components are then taken from the query parameters of the same names.
 */
interface TensorRequest {}
