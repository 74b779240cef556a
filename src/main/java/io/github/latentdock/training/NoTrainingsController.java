package io.github.latentdock.training;

import io.github.latentdock.problem.Fault;
import io.github.latentdock.problem.Problem;
import io.swagger.v3.oas.annotations.Hidden;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a replica that only serves says of trainings: 404 and not 503, for waiting changes nothing. */
@Hidden
@RestController
@ConditionalOnBooleanProperty(name = "latentdock.training.enabled", havingValue = false)
class NoTrainingsController {

    @RequestMapping({"/v1/trainings", "/v1/trainings/**"})
    void refuse() {
        throw Problem.of(
                Fault.NOT_FOUND,
                "This replica only serves and knows no trainings: latentdock.training.enabled is false; ask one that trains");
    }
}
