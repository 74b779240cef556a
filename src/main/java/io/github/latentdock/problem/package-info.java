/** What can go wrong, told without HTTP; one advice turns it into RFC 9457 problem details. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.github.latentdock.problem;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
