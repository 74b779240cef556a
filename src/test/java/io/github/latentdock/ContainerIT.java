package io.github.latentdock;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/**
 * The image, made from the jar that was just packaged and started as an operator should: read-only, as its own user, with nothing
 * to write on but a /tmp from which nothing can be executed. Skipped where no container engine answers.
 */
@Testcontainers(disabledWithoutDocker = true)
class ContainerIT {

    private static final ImageFromDockerfile IMAGE =
            new ImageFromDockerfile().withDockerfile(Path.of("Dockerfile").toAbsolutePath());

    @Container
    private static final GenericContainer<?> SERVICE = service();

    @Test
    void saysThatItIsAlive() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://%s:%d/livez".formatted(SERVICE.getHost(), SERVICE.getFirstMappedPort())))
                .build();

        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void runsJavaAsProcessOneAndNotAsRoot() throws Exception {
        assertThat(shell("cat /proc/1/comm; stat -c %u:%g /proc/1")).isEqualTo("java\n10001:10001\n");
    }

    @Test
    void startsFromTheAotCache() throws Exception {
        assertThat(shell("cat /proc/1/maps")).contains("/opt/latentdock/latentdock.aot");
    }

    @Test
    void holdsTheNativeLibrariesOnceAndUnpacksNone() throws Exception {
        assertThat(shell("find / -xdev -name 'libtorch_cpu*' 2>/dev/null; find /tmp -name '*.so*'"))
                .isEqualTo("/opt/latentdock/native/pytorch/libtorch_cpu.so\n");
        assertThat(shell("ls /opt/latentdock/lib")).doesNotContain("pytorch-native", "pytorch-jni");
    }

    @Test
    void offersTheShippedModelsToItsUser() throws Exception {
        assertThat(shell("find /models -name model.json -user latentdock"))
                .contains("/models/fashion-ae/1/model.json", "/models/fashion-vae/1/model.json");
    }

    @Test
    void isHealthyWhileItIsReady() throws Exception {
        assertThat(SERVICE.execInContainer(healthCheck()).getExitCode()).isZero();
    }

    @Test
    void isNotHealthyWhereNobodyAnswers() throws Exception {
        assertThat(SERVICE.execInContainer(new String[] {"env", "SERVER_PORT=1", "bash", "-c", healthCheck()[2]})
                        .getExitCode())
                .isNotZero();
    }

    @Test
    void endsByItselfOnSigterm() throws Exception {
        try (GenericContainer<?> service = service()) {
            service.start();
            DockerClient engine = service.getDockerClient();
            engine.killContainerCmd(service.getContainerId())
                    .withSignal("SIGTERM")
                    .exec();

            int status =
                    engine.waitContainerCmd(service.getContainerId()).start().awaitStatusCode(30, TimeUnit.SECONDS);

            // 128 + 15: Java ran its shutdown hooks after the signal. 137 would be a kill.
            assertThat(status).isEqualTo(143);
        }
    }

    private static GenericContainer<?> service() {
        return new GenericContainer<>(IMAGE)
                .withExposedPorts(8080)
                .withTmpFs(Map.of("/tmp", "rw,noexec,nosuid,nodev,size=64m"))
                .withCreateContainerCmdModifier(
                        command -> requireNonNull(command.getHostConfig()).withReadonlyRootfs(true))
                .waitingFor(Wait.forHttp("/readyz").forStatusCode(200));
    }

    private static String shell(String command) throws Exception {
        ExecResult result = SERVICE.execInContainer("bash", "-c", command);
        return result.getStdout();
    }

    /** The command of the image's HEALTHCHECK, without Docker's leading word CMD. */
    private static String[] healthCheck() {
        List<String> test = requireNonNull(
                        SERVICE.getCurrentContainerInfo().getConfig().getHealthcheck())
                .getTest();
        return requireNonNull(test).stream().skip(1).toArray(String[]::new);
    }
}
