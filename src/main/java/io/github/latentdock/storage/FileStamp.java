package io.github.latentdock.storage;

/**
 * What tells, without reading a file, whether it is still the same.
 *
 * @param bytes its length
 * @param tag differs whenever the content may: time of change and inode here, an ETag in a bucket
 */
public record FileStamp(long bytes, String tag) {}
