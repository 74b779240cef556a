package io.github.latentdock.autoencoder;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.latentdock.autoencoder.InvalidModelException.Fault;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a denoising autoencoder's input goes through before it is encoded (Vincent et al. 2010, section 3.3). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Corruption.GaussianNoise.class, name = "gaussian"),
    @JsonSubTypes.Type(value = Corruption.Masking.class, name = "masking"),
    @JsonSubTypes.Type(value = Corruption.SaltAndPepper.class, name = "salt-and-pepper")
})
public sealed interface Corruption {

    /**
     * Corrupts values in place.
     *
     * @param low the least that a value can be, or minus infinity
     * @param high the most that a value can be, or infinity
     */
    void apply(float[] values, int from, int to, float low, float high, RandomGenerator random);

    /** What is wrong with the numbers, by their paths. */
    List<Fault> faults();

    /** {@code x + sigma * N(0, 1)}, clipped to what values can be. */
    record GaussianNoise(double sigma) implements Corruption {

        @Override
        public void apply(float[] values, int from, int to, float low, float high, RandomGenerator random) {
            for (int i = from; i < to; i++) {
                values[i] = Math.clamp((float) (values[i] + sigma * random.nextGaussian()), low, high);
            }
        }

        @Override
        public List<Fault> faults() {
            return sigma > 0 && Double.isFinite(sigma)
                    ? List.of()
                    : List.of(new Fault("objective.noise.sigma", "is %s; must be more than 0".formatted(sigma)));
        }
    }

    /** Each value becomes 0 with a probability. */
    record Masking(double rate) implements Corruption {

        @Override
        public void apply(float[] values, int from, int to, float low, float high, RandomGenerator random) {
            for (int i = from; i < to; i++) {
                values[i] = random.nextFloat() < rate ? 0 : values[i];
            }
        }

        @Override
        public List<Fault> faults() {
            return rateFaults(rate);
        }
    }

    /** Each value becomes, with a probability, the least or the most that it can be: 0 or 1 where it is not bounded. */
    record SaltAndPepper(double rate) implements Corruption {

        @Override
        public void apply(float[] values, int from, int to, float low, float high, RandomGenerator random) {
            float pepper = Float.isFinite(low) ? low : 0;
            float salt = Float.isFinite(high) ? high : 1;
            for (int i = from; i < to; i++) {
                if (random.nextFloat() < rate) {
                    values[i] = random.nextBoolean() ? salt : pepper;
                }
            }
        }

        @Override
        public List<Fault> faults() {
            return rateFaults(rate);
        }
    }

    private static List<Fault> rateFaults(double rate) {
        return rate > 0 && rate < 1
                ? List.of()
                : List.of(new Fault("objective.noise.rate", "is %s; must be between 0 and 1".formatted(rate)));
    }
}
