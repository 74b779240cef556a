package io.github.latentdock.training;

import java.awt.Graphics2D;
import java.util.Map;

/** Numbers and words in capitals on pictures, without the fonts that a server may not have. */
final class PixelFont {

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
            Map.entry('e', "..." + "###" + "##." + "#.." + "###"),
            Map.entry('A', ".#." + "#.#" + "###" + "#.#" + "#.#"),
            Map.entry('C', ".##" + "#.." + "#.." + "#.." + ".##"),
            Map.entry('D', "##." + "#.#" + "#.#" + "#.#" + "##."),
            Map.entry('E', "###" + "#.." + "##." + "#.." + "###"),
            Map.entry('G', ".##" + "#.." + "#.#" + "#.#" + ".##"),
            Map.entry('H', "#.#" + "#.#" + "###" + "#.#" + "#.#"),
            Map.entry('I', "###" + ".#." + ".#." + ".#." + "###"),
            Map.entry('L', "#.." + "#.." + "#.." + "#.." + "###"),
            Map.entry('N', "##." + "#.#" + "#.#" + "#.#" + "#.#"),
            Map.entry('O', "###" + "#.#" + "#.#" + "#.#" + "###"),
            Map.entry('P', "##." + "#.#" + "##." + "#.." + "#.."),
            Map.entry('R', "##." + "#.#" + "##." + "#.#" + "#.#"),
            Map.entry('S', ".##" + "#.." + ".#." + "..#" + "##."),
            Map.entry('T', "###" + ".#." + ".#." + ".#." + ".#."),
            Map.entry('U', "#.#" + "#.#" + "#.#" + "#.#" + "###"));

    private PixelFont() {}

    static int width(String text) {
        return text.length() * ADVANCE - PIXEL;
    }

    static void draw(Graphics2D graphics, String text, int x, int y) {
        for (int i = 0; i < text.length(); i++) {
            String shape = SHAPES.getOrDefault(text.charAt(i), ".".repeat(COLUMNS * HEIGHT / PIXEL));
            for (int pixel = 0; pixel < shape.length(); pixel++) {
                if (shape.charAt(pixel) == '#') {
                    graphics.fillRect(
                            x + i * ADVANCE + pixel % COLUMNS * PIXEL, y + pixel / COLUMNS * PIXEL, PIXEL, PIXEL);
                }
            }
        }
    }
}
