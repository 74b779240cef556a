package io.github.latentdock.autoencoder;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Where a training's random numbers come from: a generator for each purpose and moment, worked out from the seed. So there is no state
 * that a checkpoint would have to keep, and nothing that runs beside a training can disturb it.
 */
record Randomness(long seed) {

    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
            RandomGeneratorFactory.of("L64X128MixRandom");

    /** What random numbers are for. */
    enum Purpose {
        INITIAL_WEIGHTS,
        INITIAL_CODES,
        /** The order of examples in an epoch. */
        ORDER,
        /** Noise and dropout in a step. */
        STEP,
        /** Noise in an evaluation. */
        EVALUATION,
        COMPONENTS
    }

    /** @param moment an epoch, a step or a row; 0 where there is only one */
    RandomGenerator of(Purpose purpose, long moment) {
        // Multipliers of Steele and Vigna 2021, so that neighbouring moments have nothing in common.
        long mixed = (seed * 0xd1342543de82ef95L + purpose.ordinal() + 1) * 0xaf251af3b0f025b5L + moment;
        return GENERATORS.create(mixed * 0x9e3779b97f4a7c15L ^ (mixed >>> 29));
    }

    /** The numbers from 0 to n - 1 in the order of an epoch (Fisher and Yates). */
    int[] order(int n, int epoch) {
        int[] order = new int[n];
        RandomGenerator random = of(Purpose.ORDER, epoch);
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
