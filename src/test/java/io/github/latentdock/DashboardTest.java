package io.github.latentdock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.latentdock.testing.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard asks for what the service publishes. */
class DashboardTest {

    private static final Path GRAFANA = Path.of("monitoring/grafana");

    /** What is no metric in PromQL: strings, label lists, ranges, grouping labels, functions and operators with a bracket. */
    private static final List<Pattern> NOT_A_METRIC = List.of(
            Pattern.compile("\"[^\"]*\""),
            Pattern.compile("\\{[^}]*}"),
            Pattern.compile("\\[[^]]*]"),
            Pattern.compile("\\b(by|without|on|ignoring)\\s*\\([^)]*\\)"),
            Pattern.compile("[a-z_]\\w*\\s*(?=\\()"));

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][\\w:]*");

    @Test
    void asksOnlyForMetricsThatArePublished() throws Exception {
        Set<String> asked = new TreeSet<>();
        for (JsonNode expression : dashboard().findValues("expr")) {
            asked.addAll(metrics(expression.asString()));
        }

        assertThat(asked).isNotEmpty().isSubsetOf(Metrics.PUBLISHED);
    }

    @Test
    void choosesModelsByAMetricThatIsPublished() throws Exception {
        assertThat(dashboard().findValues("definition"))
                .extracting(JsonNode::asString)
                .singleElement()
                .satisfies(query -> assertThat(Metrics.PUBLISHED)
                        .anyMatch(metric -> query.equals("label_values(%s, model)".formatted(metric))));
    }

    @Test
    void readsTheDatasourceThatIsProvisioned() throws Exception {
        JsonNode dashboard = dashboard();
        String sources = Files.readString(GRAFANA.resolve("provisioning/datasources/prometheus.yaml"));
        JsonNode provisioned = JsonMapper.shared().valueToTree(new Yaml().load(sources));

        assertThat(dashboard.findValues("datasource"))
                .extracting(source -> source.path("uid").asString())
                .containsOnly(provisioned.at("/datasources/0/uid").asString());
    }

    @Test
    void givesEveryPanelAPlaceOfItsOwn() throws Exception {
        JsonNode panels = dashboard().path("panels");

        assertThat(panels.findValues("gridPos")).hasSameSizeAs(panels).doesNotHaveDuplicates();
    }

    private static JsonNode dashboard() throws Exception {
        return JsonMapper.shared().readTree(Files.readString(GRAFANA.resolve("dashboards/latentdock.json")));
    }

    private static Set<String> metrics(String expression) {
        String rest = expression;
        for (Pattern noise : NOT_A_METRIC) {
            rest = noise.matcher(rest).replaceAll(" ");
        }
        Set<String> names = new TreeSet<>();
        NAME.matcher(rest).results().forEach(name -> names.add(name.group()));
        return names;
    }
}
