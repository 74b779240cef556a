package io.github.latentdock.dataset;

/** Colours that are told apart also by who cannot tell red from green: Okabe and Ito's, without yellow. */
final class Colour {

    static final int BLUE = 0x0072b2;
    static final int VERMILION = 0xd55e00;
    static final int GREEN = 0x009e73;
    static final int PURPLE = 0xcc79a7;
    static final int LIGHT_BLUE = 0x56b4e9;
    static final int ORANGE = 0xe69f00;

    private Colour() {}

    /** Of red (0), green or blue (2), from 0 to 1. */
    static float part(int colour, int channel) {
        return (colour >> 8 * (2 - channel) & 0xff) / 255f;
    }
}
