package io.github.latentdock.registry;

import java.util.regex.Pattern;

/** What models and aliases may be called, and how version folders are. */
public final class Names {

    public static final Pattern MODEL = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    /** As a model, but not all digits: that is a version. */
    public static final Pattern ALIAS = Pattern.compile("(?!\\d+$)[a-z0-9][a-z0-9._-]{0,62}");

    /** Without leading zeros, so that every number has one folder; within {@code int}. */
    static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");

    private Names() {}

    public static boolean isModel(String name) {
        return MODEL.matcher(name).matches();
    }

    public static boolean isAlias(String name) {
        return ALIAS.matcher(name).matches();
    }

    static boolean isVersion(String folder) {
        return VERSION.matcher(folder).matches();
    }
}
