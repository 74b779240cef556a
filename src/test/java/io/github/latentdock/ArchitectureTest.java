package io.github.latentdock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ArchitectureTest {

    private final JavaClasses code = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.latentdock");

    @Test
    void modulesUseOnlyWhatTheyMay() {
        ApplicationModules.of(Latentdock.class).verify();
    }

    @Test
    void onlyTheMathsAndItsUsersKnowDjl() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..autoencoder..", "..inference..", "..training..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(code);
    }

    @Test
    void oneClassKnowsTheSchedulerOfTrainings() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.github.latentdock.training.TrainingQueue")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.github.kagkarlsson..")
                .check(code);
    }

    @Test
    void theMathsKnowsNoSpring() {
        noClasses()
                .that()
                .resideInAPackage("..autoencoder..")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .check(code);
    }

    @Test
    void problemsKnowNoHttpOutsideTheAdvice() {
        classes()
                .that()
                .resideInAPackage("..problem..")
                .and()
                .arePublic()
                .and()
                // Tomcat makes it from its name, so it must be public.
                .doNotHaveSimpleName("ProblemReportValve")
                .and()
                .doNotHaveSimpleName("ClientGoneException")
                .and()
                // What a fault looks like over HTTP, for answers that cannot be left to the advice.
                .doNotHaveSimpleName("ProblemDetails")
                .and()
                // What Jackson found, for JSON that is not a body.
                .doNotHaveSimpleName("UnreadableJson")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "..problem..")
                .check(code);
    }

    @Test
    void jacksonIsTheThirdOne() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson.databind..")
                .check(code);
    }

    @Test
    void nothingIsPrintedOrInjectedIntoFields() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(code);
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(code);
    }
}
