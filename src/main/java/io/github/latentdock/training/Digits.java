package io.github.latentdock.training;

import java.awt.Graphics2D;
import java.util.Map;

/** Numbers on pictures, without the fonts that a server may not have. */
final class Digits {

    static final int HEIGHT = 10;

    private static final int PIXEL = 2;
    private static final int COLUMNS = 3;
    private static final int ADVANCE = (COLUMNS + 1) * PIXEL;

    /** Five rows of three pixels each. */
    private static final Map<Character, String> SHAPES = Map.ofEntries(
            Map.entry('0', "###" + "#.#" + "#.#" + "#.#" + "###"),
            Map.entry('1', ".#." + "##." + ".#." + ".#." + "###"),
            Map.entry('2', "###" + "..#" + "###" + "#.." + "###"),
            Map.entry('3', "###" + "..#" + "###" + "..#" + "###"),
            Map.entry('4', "#.#" + "#.#" + "###" + "..#" + "..#"),
            Map.entry('5', "###" + "#.." + "###" + "..#" + "###"),
            Map.entry('6', "###" + "#.." + "###" + "#.#" + "###"),
            Map.entry('7', "###" + "..#" + "..#" + "..#" + "..#"),
            Map.entry('8', "###" + "#.#" + "###" + "#.#" + "###"),
            Map.entry('9', "###" + "#.#" + "###" + "..#" + "###"),
            Map.entry('.', "..." + "..." + "..." + "..." + ".#."),
            Map.entry('-', "..." + "..." + "###" + "..." + "..."),
            Map.entry('+', "..." + ".#." + "###" + ".#." + "..."),
            Map.entry('e', "..." + "###" + "##." + "#.." + "###"));

    private Digits() {}

    static int width(String number) {
        return number.length() * ADVANCE - PIXEL;
    }

    static void draw(Graphics2D graphics, String number, int x, int y) {
        for (int i = 0; i < number.length(); i++) {
            String shape = SHAPES.getOrDefault(number.charAt(i), ".".repeat(COLUMNS * HEIGHT / PIXEL));
            for (int pixel = 0; pixel < shape.length(); pixel++) {
                if (shape.charAt(pixel) == '#') {
                    graphics.fillRect(
                            x + i * ADVANCE + pixel % COLUMNS * PIXEL, y + pixel / COLUMNS * PIXEL, PIXEL, PIXEL);
                }
            }
        }
    }
}
