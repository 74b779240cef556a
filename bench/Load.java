import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Closed-loop load: every client has one connection and sends its next request when the last one is answered.
 *
 * <pre>
 *     java bench/Load.java 127.0.0.1:8080:PID [127.0.0.1:8081:PID …]
 *         [--requests 100000] [--clients 32] [--rounds 1] [--rows 1] [--operation reconstruct] [--format raw|json]
 *         [--model fashion-ae]
 * </pre>
 *
 * Prints the rate, quantiles of the latency, the server's CPU time per request and its resident memory before and after; the
 * latter two where a process of this machine is named. Several servers are loaded in turns, and the ratios to the first one's
 * round are given: what else the machine does meets all of them. The requests of a run are shared out among its rounds. A closed
 * loop tells what a server can do at most, not how long users wait at a given rate.
 */
class Load {

    private record Server(String host, int port, long pid) {
        static Server parse(String text) {
            String[] parts = text.split(":");
            return new Server(parts[0], Integer.parseInt(parts[1]), parts.length > 2 ? Long.parseLong(parts[2]) : 0);
        }

        long residentBytes() throws IOException {
            return pid == 0 ? 0 : Files.readAllLines(Path.of("/proc/%d/status".formatted(pid))).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        }

        /** User and system time, from the fields behind the name in brackets; a clock tick is 10 ms. */
        double cpuSeconds() throws IOException {
            if (pid == 0) {
                return Double.NaN;
            }
            String stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        }
    }

    private record Answer(int status, boolean closes) {}

    private record Round(double rate, double[] millis, double cpuMillisPerRequest) {}

    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999, 1};

    public static void main(String[] arguments) throws Exception {
        List<Server> servers = new ArrayList<>();
        var options = new java.util.HashMap<String, String>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].startsWith("--")) {
                options.put(arguments[i].substring(2), arguments[++i]);
            } else {
                servers.add(Server.parse(arguments[i]));
            }
        }
        int requests = Integer.parseInt(options.getOrDefault("requests", "100000"));
        int clients = Integer.parseInt(options.getOrDefault("clients", "32"));
        int rounds = Integer.parseInt(options.getOrDefault("rounds", "1"));
        byte[] request = request(
                options.getOrDefault("model", "fashion-ae"),
                options.getOrDefault("operation", "reconstruct"),
                options.getOrDefault("format", "raw"),
                Integer.parseInt(options.getOrDefault("rows", "1")));

        List<Long> before = new ArrayList<>();
        List<List<Round>> measured = new ArrayList<>();
        for (Server server : servers) {
            before.add(server.residentBytes());
            measured.add(new ArrayList<>());
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < servers.size(); i++) {
                measured.get(i).add(round(servers.get(i), request, requests / rounds, clients));
            }
        }
        for (int i = 0; i < servers.size(); i++) {
            report(servers.get(i), before.get(i), measured.get(i), measured.getFirst());
        }
    }

    private static Round round(Server server, byte[] request, int requests, int clients) throws Exception {
        var left = new AtomicInteger(requests);
        var nanos = new AtomicLongArray(requests);
        var failures = new AtomicInteger();
        double cpu = server.cpuSeconds();
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    while (left.get() > 0) {
                        converse(server, request, left, nanos, failures);
                    }
                } catch (IOException e) {
                    failures.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (failures.get() > 0) {
            throw new IllegalStateException("%d requests failed".formatted(failures.get()));
        }
        double[] millis = new double[requests];
        for (int i = 0; i < requests; i++) {
            millis[i] = nanos.get(i) / 1e6;
        }
        Arrays.sort(millis);
        return new Round(requests / seconds, millis, (server.cpuSeconds() - cpu) * 1e3 / requests);
    }

    /** Asks on one connection until the server closes it or enough is asked. */
    private static void converse(
            Server server, byte[] request, AtomicInteger left, AtomicLongArray nanos, AtomicInteger failures)
            throws IOException {
        try (var socket = new Socket(server.host, server.port)) {
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            var answer = new Answer(200, false);
            for (int next = left.decrementAndGet(); next >= 0; next = answer.closes ? -1 : left.decrementAndGet()) {
                long sent = System.nanoTime();
                socket.getOutputStream().write(request);
                answer = readAnswer(in);
                nanos.set(next, System.nanoTime() - sent);
                if (answer.status != 200) {
                    failures.incrementAndGet();
                }
            }
        }
    }

    private static void report(Server server, long before, List<Round> rounds, List<Round> first) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%s:%d  %.0f requests/s, CPU %.3f ms/request; latency in ms:",
                server.host,
                server.port,
                median(rounds.stream().mapToDouble(Round::rate).toArray()),
                median(rounds.stream().mapToDouble(Round::cpuMillisPerRequest).toArray()));
        for (double quantile : QUANTILES) {
            System.out.printf(
                    Locale.ROOT,
                    " %s %.2f",
                    quantile == 1 ? "max" : "p" + String.valueOf(quantile * 100).replaceAll("\\.0$", ""),
                    median(rounds.stream().mapToDouble(round -> at(round.millis, quantile)).toArray()));
        }
        if (server.pid != 0) {
            System.out.printf(
                    Locale.ROOT,
                    "; resident memory %.0f MB, %.0f MB before",
                    server.residentBytes() / 1e6,
                    before / 1e6);
        }
        System.out.println();
        if (rounds != first) {
            double[] rates = new double[rounds.size()];
            double[] cpu = new double[rounds.size()];
            for (int i = 0; i < rates.length; i++) {
                rates[i] = rounds.get(i).rate / first.get(i).rate;
                cpu[i] = rounds.get(i).cpuMillisPerRequest / first.get(i).cpuMillisPerRequest;
            }
            System.out.printf(
                    Locale.ROOT,
                    "    against the first, in pairs: rate x %.3f (%.3f to %.3f), CPU per request x %.3f (%.3f to %.3f)%n",
                    median(rates),
                    Arrays.stream(rates).min().orElseThrow(),
                    Arrays.stream(rates).max().orElseThrow(),
                    median(cpu),
                    Arrays.stream(cpu).min().orElseThrow(),
                    Arrays.stream(cpu).max().orElseThrow());
        }
    }

    private static double at(double[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, Math.round(quantile * (sorted.length - 1)))];
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Random numbers of [0, 1] in the shape of the shipped models' inputs. */
    private static byte[] request(String model, String operation, String format, int rows) {
        var random = new Random(1);
        float[] values = new float[rows * 784];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256) / 255f;
        }
        String type = format.equals("json") ? "application/json" : "application/octet-stream";
        byte[] body = format.equals("json") ? json(values) : raw(values);
        String head = """
                POST /v1/models/%s/%s HTTP/1.1\r
                Host: localhost\r
                Content-Type: %s\r
                Accept: %s\r
                Content-Length: %d\r
                \r
                """.formatted(model, operation, type, type, body.length);
        var request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static byte[] raw(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static byte[] json(float[] values) {
        var json = new StringBuilder("{\"instances\": [");
        for (int i = 0; i < values.length; i++) {
            int pixel = i % 784;
            json.append(pixel == 0 ? (i == 0 ? "[[[" : ",[[[") : pixel % 28 == 0 ? "],[" : ",");
            json.append(values[i]);
            json.append(pixel == 783 ? "]]]" : "");
        }
        return json.append("]}").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static Answer readAnswer(InputStream in) throws IOException {
        int status = Integer.parseInt(line(in).split(" ")[1]);
        long length = 0;
        boolean chunked = false;
        boolean closes = false;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Long.parseLong(header.substring(15).strip());
            }
            closes |= header.equals("connection: close");
            chunked |= header.equals("transfer-encoding: chunked");
        }
        if (!chunked) {
            in.skipNBytes(length);
            return new Answer(status, closes);
        }
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            in.skipNBytes(size + 2);
        }
        line(in);
        return new Answer(status, closes);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server closed the connection");
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }
}
