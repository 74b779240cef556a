package io.github.latentdock.dataset;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as everybody writes them, not as Java does (no 1f, no 0x1p3), and what may be meant by what is none. */
final class NumberText {

    private static final Set<String> MISSING =
            Set.of("na", "n/a", "#n/a", "<na>", "-nan", "+nan", "null", "none", "nil", "?", "-", ".");
    private static final Set<String> INFINITE = Set.of("inf", "infinity", "\u221e");
    private static final Pattern HEXADECIMAL = Pattern.compile("[+-]?0[xX][0-9a-fA-F]+");
    private static final Pattern SEPARATORS_ELSEWHERE = Pattern.compile("[\\s|]+");
    private static final Pattern BETWEEN_THOUSANDS = Pattern.compile("(?<=\\d)[,.'_\u00a0\u2019\u202f](?=\\d{3})");
    private static final Pattern BLANKS_BETWEEN_THOUSANDS = Pattern.compile("[+-]?\\d{1,3}( \\d{3})+([.,]\\d+)?");
    private static final Pattern THOUSANDS_OR_DECIMALS = Pattern.compile("[+-]?\\d{1,3},\\d{3}");
    private static final char MINUS = '\u2212';
    private static final char ARABIC_POINT = '\u066b';
    private static final char ARABIC_THOUSANDS = '\u066c';

    private NumberText() {}

    static boolean isNumber(String text) {
        return !Double.isNaN(parse(text));
    }

    /** NaN when it is none. */
    static double parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return Double.NaN;
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Whether a text is a number, or several, in a notation that is not read: no name of a column looks like that. */
    static boolean isMeantAsNumber(String text) {
        return notation(text, true) != null || isInfinite(text);
    }

    /** Whether it may be one, or what is missing. A column may be called like that all the same: Na is sodium, 50% a median. */
    static boolean mayBeMeantAsValue(String text) {
        return hint(text, true) != null;
    }

    private static boolean isInfinite(String text) {
        return INFINITE.contains(text.toLowerCase(Locale.ROOT).replaceFirst("^[+-]", ""));
    }

    /**
     * What would be right in place of a text that is no number; null where nobody knows what was meant.
     *
     * @param alone whether nothing else is in its line, so that blanks in it may be what separates
     */
    static @Nullable String hint(String text, boolean alone) {
        String notation = notation(text, alone);
        if (notation != null) {
            return notation;
        }
        if (MISSING.contains(text.toLowerCase(Locale.ROOT))) {
            return "what is missing is an empty field or NaN, and with missing=nan it is taken";
        }
        if (text.endsWith("%") && isNumber(text.substring(0, text.length() - 1).strip())) {
            return "a number has no percent sign";
        }
        return isInfinite(text) ? "infinity is none" : null;
    }

    private static @Nullable String notation(String text, boolean alone) {
        if (text.startsWith("[") || text.startsWith("{")) {
            return "JSON is not read as a dataset";
        }
        String latin = latin(text);
        if (!latin.equals(text)) {
            return isNumber(latin) ? "its digits are 0 to 9: " + latin : notation(latin, alone);
        }
        if (HEXADECIMAL.matcher(text).matches()) {
            return "numbers are decimal, not hexadecimal";
        }
        boolean isThousands = BLANKS_BETWEEN_THOUSANDS.matcher(text).matches();
        String[] parts = SEPARATORS_ELSEWHERE.split(text);
        if (parts.length > 1 && (alone || !isThousands) && Arrays.stream(parts).allMatch(NumberText::isNumber)) {
            return "commas, semicolons or tabs separate values, neither blanks nor bars do (numpy: savetxt(…, delimiter=','))";
        }
        String pointed = text.replace(',', '.');
        if (THOUSANDS_OR_DECIMALS.matcher(text).matches()) {
            return "decimals follow a point, and nothing is written between thousands: %s or %s"
                    .formatted(pointed, text.replace(",", ""));
        }
        if (text.contains(",") && isNumber(pointed)) {
            return "decimals follow a point, not a comma: %s (pandas: to_csv(decimal='.'))".formatted(pointed);
        }
        String dashed = text.replace(MINUS, '-');
        if (text.indexOf(MINUS) >= 0 && isNumber(dashed)) {
            return "its minus is U+2212, the one of numbers is a hyphen: %s".formatted(dashed);
        }
        String together = BETWEEN_THOUSANDS.matcher(text).replaceAll("").replace(',', '.');
        return isThousands || (isNumber(together) && !isNumber(text))
                ? "decimals follow a point, and nothing is written between thousands"
                : null;
    }

    /** With the digits of other scripts as those that are read. */
    private static String latin(String text) {
        var latin = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Character.isDigit(c)) {
                latin.append(Character.digit(c, 10));
            } else {
                latin.appendCodePoint(c);
            }
        });
        return latin.toString().replace(ARABIC_POINT, '.').replace(ARABIC_THOUSANDS, ',');
    }
}
