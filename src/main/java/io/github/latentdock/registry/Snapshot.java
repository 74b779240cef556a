package io.github.latentdock.registry;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.github.latentdock.problem.Words;
import java.util.SortedMap;

/** All models as they were at one moment, by name. */
public record Snapshot(SortedMap<String, Model> models) {

    /** @throws Problem {@code NOT_FOUND} telling what there is */
    public Model model(String name) {
        Model model = models.get(name);
        if (model == null) {
            throw Problem.of(
                    Fault.NOT_FOUND,
                    models.isEmpty()
                            ? "There is no model '%s'; there are none at all".formatted(Words.shortened(name))
                            : "There is no model '%s'; there are %s"
                                    .formatted(Words.shortened(name), Words.listed(models.keySet())));
        }
        return model;
    }
}
