package io.github.latentdock.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;

/** Draws the losses of epochs. */
final class Curve {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 34;
    private static final int BOTTOM = 35;
    private static final int LINES = 4;
    private static final int SAMPLE = 24;
    private static final Color GRID = new Color(0xdddddd);
    private static final Color INK = new Color(0x444444);
    private static final Color TRAINING = new Color(0x1f77b4);
    private static final Color VALIDATION = new Color(0xff7f0e);

    private final Graphics2D graphics;
    private final int last;
    private final double low;
    private final double high;

    private Curve(Graphics2D graphics, int last, double low, double high) {
        this.graphics = graphics;
        this.last = last;
        this.low = low;
        this.high = high;
    }

    static byte[] png(List<TrainingEpoch> epochs) {
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, WIDTH, HEIGHT);
            List<TrainingEpoch> heldOut =
                    epochs.stream().filter(epoch -> epoch.validation() != null).toList();
            double[] losses = DoubleStream.concat(
                            epochs.stream().mapToDouble(Curve::training),
                            heldOut.stream().mapToDouble(Curve::validation))
                    .toArray();
            double low = DoubleStream.of(losses).min().orElse(0);
            double high = DoubleStream.of(losses).max().orElse(1);
            int last = epochs.isEmpty() ? 1 : epochs.getLast().epoch();
            // A flat curve runs through the middle.
            var curve =
                    high > low ? new Curve(graphics, last, low, high) : new Curve(graphics, last, low - 0.5, low + 0.5);
            curve.axes();
            curve.line(epochs, Curve::training, TRAINING);
            curve.line(heldOut, Curve::validation, VALIDATION);
            int right =
                    heldOut.isEmpty() ? WIDTH - RIGHT : curve.legend("HELD-OUT LOSS", VALIDATION, WIDTH - RIGHT) - 24;
            curve.legend("TRAINING LOSS", TRAINING, right);
            var png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            graphics.dispose();
        }
    }

    private static double training(TrainingEpoch epoch) {
        return epoch.training().loss();
    }

    private static double validation(TrainingEpoch epoch) {
        return Objects.requireNonNull(epoch.validation()).loss();
    }

    private void axes() {
        for (int i = 0; i <= LINES; i++) {
            double loss = low + (high - low) * i / LINES;
            int y = (int) y(loss);
            graphics.setColor(GRID);
            graphics.drawLine(LEFT, y, WIDTH - RIGHT, y);
            graphics.setColor(INK);
            String text = "%.4g".formatted(loss).toLowerCase(Locale.ROOT);
            PixelFont.draw(graphics, text, LEFT - 8 - PixelFont.width(text), y - PixelFont.HEIGHT / 2);
        }
        graphics.setColor(INK);
        graphics.drawLine(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        PixelFont.draw(graphics, "EPOCH", LEFT - 12 - PixelFont.width("EPOCH"), HEIGHT - BOTTOM + 10);
        for (int epoch : last == 1 ? new int[] {1} : new int[] {1, last}) {
            String text = String.valueOf(epoch);
            PixelFont.draw(graphics, text, (int) x(epoch) - PixelFont.width(text) / 2, HEIGHT - BOTTOM + 10);
        }
    }

    /**
     * Above the plot, where no line is.
     *
     * @return where it begins
     */
    private int legend(String text, Color color, int right) {
        int x = right - PixelFont.width(text);
        int y = TOP / 2;
        graphics.setColor(INK);
        PixelFont.draw(graphics, text, x, y - PixelFont.HEIGHT / 2);
        int begin = x - 8 - SAMPLE;
        graphics.setColor(color);
        graphics.setStroke(new BasicStroke(2));
        graphics.drawLine(begin, y, begin + SAMPLE, y);
        graphics.fill(new Ellipse2D.Double(begin + SAMPLE / 2.0 - 2.5, y - 2.5, 5, 5));
        return begin;
    }

    private void line(List<TrainingEpoch> epochs, ToDoubleFunction<TrainingEpoch> loss, Color color) {
        graphics.setColor(color);
        graphics.setStroke(new BasicStroke(2));
        var path = new Path2D.Double();
        for (TrainingEpoch epoch : epochs) {
            double x = x(epoch.epoch());
            double y = y(loss.applyAsDouble(epoch));
            if (path.getCurrentPoint() == null) {
                path.moveTo(x, y);
            } else {
                path.lineTo(x, y);
            }
            graphics.fill(new Ellipse2D.Double(x - 2.5, y - 2.5, 5, 5));
        }
        graphics.draw(path);
    }

    private double x(int epoch) {
        int width = WIDTH - LEFT - RIGHT;
        return last == 1 ? LEFT + width / 2.0 : LEFT + width * (epoch - 1.0) / (last - 1);
    }

    private double y(double loss) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - loss) / (high - low);
    }
}
