package io.github.latentdock.autoencoder;

import java.util.ArrayList;
import java.util.List;

/**
 * Expectation maximisation (Dempster, Laird and Rubin 1977) for a mixture of Gaussians, started by k-means. Every covariance has
 * a conjugate prior, worth a few observations of the codes' own covariance shrunk as if k components shared its volume
 * (Fraley and Raftery 2007, "Bayesian regularization for normal mixture estimation"): a component that closes in on one code,
 * or loses all, keeps a sound covariance, and likelihood plus prior never falls.
 */
final class MixtureFit {

    static final int MAX_COMPONENTS = 50;
    static final int CODES_PER_DIMENSION = 2;
    static final int MAX_CODES = 10_000;

    /** Multiplications in an iteration, roughly: some tenths of a second. */
    private static final double MOST_WORK = 6e8;

    private static final int MAX_ITERATIONS = 100;

    /** Stop when likelihood plus prior grows by less than this share of itself. */
    private static final double TOLERANCE = 1e-4;

    /**
     * Observations that the prior of a covariance is worth, per dimension. Codes held out from the shipped models fare best
     * with 0.1 to 0.3; without it 50 components do worse on them than 24. Components that are flat in directions of their own
     * pay for it: 0.05 nats a code in the tests.
     */
    static final double PRIOR_PER_DIMENSION = 0.25;

    /** Responsibilities beneath exp of this are taken for none. */
    private static final double NEGLIGIBLE = -30;

    private final double[][] columns; // [d][n]
    private final double[][] joint; // [k][n]: log(weight * density), then responsibilities
    private final double[] weights;
    private final double[][] means; // [k][d]
    private final List<Gaussian> components = new ArrayList<>();
    private final double[][] prior; // covariance, lower triangle
    private final double[][] priorFactor;
    private final double priorWeight;
    private final List<Double> objectives = new ArrayList<>();

    private MixtureFit(double[][] columns, int k, double priorPerDimension) {
        int d = columns.length;
        this.columns = columns;
        this.joint = new double[k][columns[0].length];
        this.weights = new double[k];
        this.means = new double[k][d];
        this.prior = Gaussian.covariance(columns, Columns.mean(columns));
        double shrink = StrictMath.pow(k, -2.0 / d);
        for (double[] row : prior) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= shrink;
            }
        }
        this.priorFactor = Triangle.factor(prior);
        this.priorWeight = priorPerDimension * d;
    }

    /** A fit with as many components as the codes {@code [n * d]} can bear. */
    static MixtureFit of(float[] codes, int d, Wanted wanted) {
        int n = Math.min(Columns.rows(codes, d), MAX_CODES);
        while (components(n, d) > 1 && work(n, d, components(n, d)) > MOST_WORK) {
            n -= Math.ceilDiv(n, 16);
        }
        int k = components(n, d);
        // One Gaussian needs one pass, which may be longer.
        return of(Columns.of(codes, d, k > 1 ? n : MAX_CODES), k, PRIOR_PER_DIMENSION, wanted);
    }

    /** As many as n codes can bear. */
    private static int components(int n, int d) {
        return Math.clamp(n / (CODES_PER_DIMENSION * d), 1, MAX_COMPONENTS);
    }

    private static double work(int n, int d, int k) {
        return (double) n * k * d * d;
    }

    static MixtureFit of(double[][] columns, int k, double priorPerDimension, Wanted wanted) {
        var fit = new MixtureFit(columns, k, priorPerDimension);
        fit.start();
        fit.run(wanted);
        return fit;
    }

    /** The mixture, without components that have lost all their codes. */
    GaussianMixture mixture() {
        var alive = new ArrayList<Gaussian>();
        var shares = new ArrayList<Double>();
        for (int c = 0; c < weights.length; c++) {
            if (weights[c] > 0) {
                alive.add(components.get(c));
                shares.add(weights[c]);
            }
        }
        return new GaussianMixture(
                alive, shares.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Log-likelihood of all codes plus the logarithm of the prior (without constants), before every M-step. */
    List<Double> objectives() {
        return List.copyOf(objectives);
    }

    private void start() {
        int[] cluster = Clusters.of(columns, weights.length);
        for (int i = 0; i < cluster.length; i++) {
            joint[cluster[i]][i] = 1;
        }
        maximise();
    }

    private void run(Wanted wanted) {
        double last = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < MAX_ITERATIONS; i++) {
            wanted.require();
            double objective = expect();
            objectives.add(objective);
            if (objective - last <= TOLERANCE * Math.abs(objective)) {
                return;
            }
            last = objective;
            maximise();
        }
    }

    /** The E-step: responsibilities into {@code joint}. */
    private double expect() {
        double objective = 0;
        for (Gaussian component : components) {
            objective += priorWeight * component.logPrior(priorFactor);
        }
        double[] total = new GaussianMixture(components, weights).logDensity(columns, joint);
        for (double logDensity : total) {
            objective += logDensity;
        }
        for (double[] component : joint) {
            for (int i = 0; i < total.length; i++) {
                double log = component[i] - total[i];
                component[i] = log < NEGLIGIBLE ? 0 : StrictMath.exp(log);
            }
        }
        return objective;
    }

    /** The M-step. */
    private void maximise() {
        components.clear();
        double total = 0;
        for (int c = 0; c < weights.length; c++) {
            weights[c] = 0;
            for (double responsibility : joint[c]) {
                weights[c] += responsibility;
            }
            total += weights[c];
            components.add(component(c, weights[c]));
        }
        for (int c = 0; c < weights.length; c++) {
            weights[c] /= total;
        }
    }

    /** Component {@code c}, that holds {@code count} codes; without any it keeps its mean and has the prior's covariance. */
    private Gaussian component(int c, double count) {
        int d = columns.length;
        double[] responsibility = joint[c];
        if (count > 0) {
            means[c] = new double[d];
            for (int j = 0; j < d; j++) {
                double sum = 0;
                for (int i = 0; i < responsibility.length; i++) {
                    sum += responsibility[i] * columns[j][i];
                }
                means[c][j] = sum / count;
            }
        }
        double[][] covariance = Triangle.zero(d);
        var scratch = new double[d];
        for (int i = 0; i < responsibility.length; i++) {
            if (responsibility[i] > 0) {
                Columns.addOuter(covariance, columns, i, means[c], responsibility[i], scratch);
            }
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) {
                covariance[i][j] = (covariance[i][j] + priorWeight * prior[i][j]) / (count + priorWeight);
            }
        }
        return new Gaussian(means[c], covariance);
    }
}
