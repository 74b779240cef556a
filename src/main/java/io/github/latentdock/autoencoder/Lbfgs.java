package io.github.latentdock.autoencoder;

import static io.github.latentdock.autoencoder.Vectors.add;
import static io.github.latentdock.autoencoder.Vectors.dot;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4) with backtracking: a step is tried at full length
 * and shortened by quadratic interpolation until the objective falls enough (Armijo). One evaluation per iteration.
 */
final class Lbfgs implements Descent {

    static final int HISTORY = 20;

    private static final double SUFFICIENT = 1e-4;
    private static final int PATIENCE = 2;

    /** A step and the gradient's change along it. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Pair(double[] step, double[] change, double product) {}

    private final Deque<Pair> history = new ArrayDeque<>();
    private final @Nullable Cholesky hessian;
    private final double curvature;
    private final double tolerance;
    private final double floor;
    private final boolean ball;
    private final float[] trial;
    private final double[] here;
    private double[] gradient = new double[0];
    private double[] direction = new double[0];
    private double objective = Double.NaN;
    private double slope;
    private double length;
    private int idle;
    /** Whether the bound of the ball is where it stands, and the objective falls beyond. */
    private boolean bound;

    /**
     * @param hessian what the second derivatives are about, all steps being corrections of it; null where that is not known
     * @param curvature the same in one number, which without a Hessian gives the first step
     * @param tolerance converged when two steps after another lower the objective by less than this part of its excess over
     *     the floor
     * @param ball whether it keeps to the unit ball: what leads out of it is cut short, and on its bound it goes on along it
     */
    Lbfgs(float[] start, @Nullable Cholesky hessian, double curvature, double tolerance, double floor, boolean ball) {
        this.ball = ball;
        this.trial = start.clone();
        if (ball) {
            UnitBall.shorten(trial);
        }
        this.here = Vectors.toDoubles(trial);
        this.hessian = hessian;
        this.curvature = curvature;
        this.tolerance = tolerance;
        this.floor = floor;
    }

    @Override
    public float[] latent() {
        return trial;
    }

    @Override
    public boolean converged() {
        return idle >= PATIENCE;
    }

    @Override
    public void tell(double value, double[] all) {
        boolean out = ball && UnitBall.isOnBound(trial) && dot(all, Vectors.toDoubles(trial)) < 0;
        double[] slopes = out ? along(Vectors.toDoubles(trial), all) : all;
        if (Double.isNaN(objective)) {
            bound = out;
            accept(value, slopes);
        } else if (value <= objective + SUFFICIENT * length * slope) {
            remember(slopes);
            bound = out;
            // Latents are float32 and decoders have kinks: one small step may be followed by a large one.
            idle = objective - value <= tolerance * (value - floor) ? idle + 1 : 0;
            accept(value, slopes);
        } else {
            shorten(value);
        }
        for (int i = 0; i < here.length; i++) {
            trial[i] = (float) (here[i] + length * direction[i]);
        }
        if (ball) {
            UnitBall.shorten(trial);
        }
    }

    /** What of a vector lies along the bound at z. */
    private static double[] along(double[] z, double[] vector) {
        double[] along = vector.clone();
        add(-dot(vector, z) / dot(z, z), z, along);
        return along;
    }

    private void accept(double value, double[] slopes) {
        for (int i = 0; i < here.length; i++) {
            here[i] = trial[i];
        }
        objective = value;
        gradient = slopes.clone();
        turn();
    }

    private void remember(double[] slopes) {
        double[] step = new double[here.length];
        double[] change = new double[here.length];
        for (int i = 0; i < here.length; i++) {
            step[i] = trial[i] - here[i];
            change[i] = slopes[i] - gradient[i];
        }
        double product = dot(step, change);
        if (product > 1e-10 * Math.sqrt(dot(step, step) * dot(change, change))) {
            if (history.size() == HISTORY) {
                history.removeLast();
            }
            history.addFirst(new Pair(step, change, product));
        }
    }

    /** The two-loop recursion. */
    private void turn() {
        double[] q = gradient.clone();
        double[] alpha = new double[history.size()];
        int i = 0;
        for (Pair pair : history) {
            alpha[i] = dot(pair.step, q) / pair.product;
            add(-alpha[i++], pair.change, q);
        }
        q = step(q);
        for (Iterator<Pair> pairs = history.descendingIterator(); pairs.hasNext(); ) {
            Pair pair = pairs.next();
            double beta = dot(pair.change, q) / pair.product;
            add(-alpha[--i] - beta, pair.step, q);
        }
        direction = bound ? along(here, q) : q;
        slope = dot(direction, gradient);
        length = 1;
        if (slope == 0) {
            idle = PATIENCE;
        }
    }

    /** The step before the history corrects it. */
    private double[] step(double[] q) {
        double[] scaled = hessian == null ? q.clone() : hessian.solve(q);
        double factor = -1;
        if (hessian == null) {
            Pair last = history.peekFirst();
            factor = last == null ? -1 / curvature : -last.product / dot(last.change, last.change);
        }
        for (int i = 0; i < q.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }

    private void shorten(double value) {
        double best = -slope * length * length / (2 * (value - objective - slope * length));
        // Not a number where the decoder overflowed.
        length = best >= 0.1 * length ? Math.min(best, 0.5 * length) : 0.1 * length;
        if (length < 1e-3) {
            if (history.isEmpty()) {
                idle = PATIENCE;
            }
            history.clear();
            turn();
        }
    }
}
