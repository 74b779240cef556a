package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Problem.FieldError;
import io.github.latentdock.problem.Words;
import io.github.latentdock.registry.Model;
import io.github.latentdock.registry.ModelRepository;
import io.github.latentdock.registry.Version;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with a plan before it is taken. */
final class PlanCheck {

    private final ModelRepository models;
    private final TrainingLoops loops;

    PlanCheck(ModelRepository models, TrainingLoops loops) {
        this.models = models;
        this.loops = loops;
    }

    /** A plan that can be trained, and what it meant when it was checked. */
    record Checked(Plan plan, Pinned pinned) {}

    /** @throws Problem {@code INVALID} with every fault at once */
    Checked check(PlanRequest request) {
        List<FieldError> faults = request.faults();
        PlanRequest known = withParent(request, faults);
        if (faults.isEmpty()) {
            Plan plan = plan(known);
            TrainingLoops.Check found = loops.check(plan);
            if (found.faults().isEmpty()) {
                return new Checked(plan, Objects.requireNonNull(found.pinned(), "a plan without faults has data"));
            }
            faults.addAll(found.faults());
        } else {
            faults.addAll(ofTheRest(known, faults));
        }
        throw Problem.of(Fault.INVALID, faults);
    }

    /** What else is wrong, with defaults in place of the fields that are faulty by themselves. */
    private List<FieldError> ofTheRest(PlanRequest request, List<FieldError> known) {
        String dataset = request.dataset();
        Map<String, Object> network = request.network();
        if (dataset == null || network == null || request.objective() == null) {
            return loops.checkAlone(dataset, network);
        }
        List<String> fields = known.stream().map(fault -> top(fault.field())).toList();
        return loops.check(plan(request.without(fields))).faults().stream()
                .filter(fault -> !known.contains(fault))
                .toList();
    }

    /** With all defaults; less is held out than by default where a parent leaves no more that is new. */
    private Plan plan(PlanRequest request) {
        Plan plan = request.plan();
        return request.validation() != null || request.parent() == null
                ? plan
                : plan.holdingOutAtMost(loops.mostHeldOut(plan));
    }

    /** With the number of the parent's version, which an alias only stands for today; a model alone means its default. */
    private PlanRequest withParent(PlanRequest request, List<FieldError> faults) {
        String parent = request.parent();
        if (parent == null) {
            return request;
        }
        int at = parent.indexOf('@');
        Version version = null;
        String model = at < 0 ? parent : parent.substring(0, at);
        String which = at < 0 ? Model.DEFAULT : parent.substring(at + 1);
        if (model.isEmpty() || which.isEmpty()) {
            faults.add(new FieldError(
                    "parent",
                    "parent is '%s', it must be a model, or a model and a version or alias, such as fashion-vae@3"
                            .formatted(Words.shortened(parent))));
        } else {
            version = version(model, which, faults);
        }
        Map<String, Object> network = request.network();
        if (network == null && version != null) {
            network = network(version, faults);
        }
        return request.goingOn(
                version == null ? parent : "%s@%d".formatted(version.model(), version.number()), network);
    }

    private @Nullable Version version(String model, String version, List<FieldError> faults) {
        try {
            return models.snapshot().model(model).version(version);
        } catch (Problem unknown) {
            faults.add(new FieldError("parent", unknown.detail()));
            return null;
        }
    }

    /** The parent's, as a plan declares it. */
    private static @Nullable Map<String, Object> network(Version parent, List<FieldError> faults) {
        if (parent instanceof Version.Sound sound && sound.manifest().network() != null) {
            var network = new LinkedHashMap<String, Object>(sound.manifest().network());
            network.put(
                    "latent",
                    Arrays.stream(sound.manifest().latent().shape()).boxed().toList());
            return network;
        }
        faults.add(new FieldError(
                "network", "network is missing, and %s@%d declares none".formatted(parent.model(), parent.number())));
        return null;
    }

    /** The plan's own field that a fault lies in. */
    static String top(String field) {
        int dot = field.indexOf('.');
        return dot < 0 ? field : field.substring(0, dot);
    }
}
