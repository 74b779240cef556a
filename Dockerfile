# The image of the service, made from the jar that was packaged outside:
#
#   ./mvnw package && docker build -t latentdock .
#
# Needs no network and nothing of BuildKit. docs/decisions/0002-container.md says why it is as it is.
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS unpack
WORKDIR /unpack
COPY target/latentdock-*.jar latentdock.jar
RUN java -Djarmode=tools -jar latentdock.jar extract --layers --destination layers
# The native libraries lie unpacked in the image, and only there: DJL would unpack them from their jars at every start of a
# container, 450 MB of them. JNA's has a folder of its own, because DJL loads whatever lies beside PyTorch's.
RUN set -eu; \
    arch=$(uname -m); lib=layers/dependencies/lib; \
    ls $lib/pytorch-native-cpu-*-linux-$arch.jar >/dev/null 2>&1 || { \
        echo "latentdock.jar holds no PyTorch for linux-$arch: ./mvnw -Dpytorch.classifier=linux-$arch package" >&2; exit 1; }; \
    jar --extract --file $lib/pytorch-native-cpu-*-linux-$arch.jar pytorch/cpu/linux-$arch; \
    jar --extract --file $lib/pytorch-jni-*.jar jnilib/linux-$arch/cpu; \
    jar --extract --file $lib/jna-*.jar com/sun/jna/linux-$(echo $arch | tr _ -); \
    mkdir native; \
    mv pytorch/cpu/linux-$arch native/pytorch; \
    mv jnilib/linux-$arch/cpu/libdjl_torch.so native/pytorch/; \
    mv com/sun/jna/linux-* native/jna; \
    rm $lib/pytorch-native-cpu-*.jar $lib/pytorch-jni-*.jar; \
    chmod -R a+rX native layers

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="Latentdock" \
      org.opencontainers.image.description="Serves trained autoencoders over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0"

# A number, so that Kubernetes can tell that it is not root (runAsNonRoot).
RUN groupadd --gid 10001 latentdock && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin latentdock

# From what changes least to what changes most.
COPY --from=unpack /unpack/native /opt/latentdock/native
COPY --from=unpack /unpack/layers/dependencies /opt/latentdock
COPY --from=unpack /unpack/layers/snapshot-dependencies /opt/latentdock
COPY --from=unpack /unpack/layers/application /opt/latentdock
COPY --chown=10001:10001 models /models
COPY --chown=10001:10001 data /data

# A volume that is mounted there is its user's.
RUN mkdir /work && chown 10001:10001 /work

# LATENTDOCK_MODELS_PATH, LATENTDOCK_DATASETS_PATH: mount folders there, or on a part of them; there is no VOLUME, so an empty one is never made unasked.
# LATENTDOCK_TRAINING_PATH: queue and checkpoints; they go with the container unless a volume is mounted and named here, such as /work.
# PYTORCH_*, DJL_*: where the libraries lie; nothing is looked for, fetched or reported elsewhere.
# MALLOC_ARENA_MAX: glibc otherwise gives many native threads an arena each, and seldom hands back what lies in them.
# JAVA_TOOL_OPTIONS is for operators to replace. Half of the memory is left to tensors and libraries, outside the heap.
ENV LATENTDOCK_MODELS_PATH=/models \
    LATENTDOCK_DATASETS_PATH=/data \
    LATENTDOCK_TRAINING_PATH=/tmp/work \
    PYTORCH_LIBRARY_PATH=/opt/latentdock/native/pytorch \
    PYTORCH_FLAVOR=cpu \
    DJL_CACHE_DIR=/tmp/djl \
    DJL_OFFLINE=true \
    OPT_OUT_TRACKING=true \
    MALLOC_ARENA_MAX=2 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"

# Here, and not in the stage above, because the cache fits only the very JVM and jars it was made with. The training run gets
# empty folders: it shall leave nothing of root's in /models and /data.
RUN mkdir /tmp/models /tmp/data && LATENTDOCK_MODELS_PATH=/tmp/models LATENTDOCK_DATASETS_PATH=/tmp/data \
    java -XX:AOTCacheOutput=/opt/latentdock/latentdock.aot -Dspring.context.exit=onRefresh \
        -jar /opt/latentdock/latentdock.jar && \
    rm -rf /tmp/*

# The root, so that Spring reads /config/application.yaml where one is mounted.
WORKDIR /
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM

# The shell speaks HTTP by itself: the image has no curl, and a JVM for each check would cost more than the answer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT:-8080} && \
    printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]

# Java is process 1 and gets the signals. JNA's library is found unpacked: /tmp may be mounted noexec.
ENTRYPOINT ["java", "-XX:AOTCache=/opt/latentdock/latentdock.aot", \
    "-Djna.boot.library.path=/opt/latentdock/native/jna", "-Djna.nounpack=true", \
    "-jar", "/opt/latentdock/latentdock.jar"]
