package io.github.latentdock.autoencoder;

import io.github.latentdock.autoencoder.Convolution.ConvTranspose2d;
import io.github.latentdock.autoencoder.Convolution.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution of stride s, worked out as an ordinary one that gives s x s values for each value that comes in, which are
 * then put in their places (Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?"). It computes the same sums,
 * and zeros between them; PyTorch's kernel for few output channels, such as a picture's, is so slow that this takes a third of its time.
 *
 * @param vertical how rows of what comes out follow from rows of what comes in
 * @param horizontal the same of columns
 */
record SubPixel(Window window, Phases vertical, Phases horizontal) {

    /** Values for each one that comes in; with more the zeros cost more than is won. */
    private static final int MOST = 16;

    /**
     * Along one side, output {@code s * m + a} is the sum over j of {@code x[m + j] * w[a + padding - s * j]}.
     *
     * @param from the least j that any a has
     * @param to the largest
     */
    private record Phases(int stride, int kernel, int padding, int from, int to) {

        /** @return null where the ordinary convolution would need other zeros before than behind */
        static @Nullable Phases of(int in, int out, int stride, int kernel, int padding) {
            int from = Math.ceilDiv(padding - kernel + 1, stride);
            int to = Math.floorDiv(stride - 1 + padding, stride);
            boolean even = out % stride == 0 && -from == out / stride + to - in;
            return even && from <= 0 ? new Phases(stride, kernel, padding, from, to) : null;
        }

        int size() {
            return to - from + 1;
        }

        /** Where the weight is that belongs to the a-th value and to the j-th that comes in; -1 for none. */
        int weight(int a, int j) {
            int index = a + padding - stride * (from + j);
            return index < kernel ? Math.max(index, -1) : -1;
        }
    }

    /** @return null where this is not possible or does not pay */
    static @Nullable SubPixel of(ConvTranspose2d layer, int[] in) {
        Window window = layer.window();
        int strides = window.stride().height() * window.stride().width();
        if (strides == 1
                || (long) window.outChannels() * strides > MOST
                || window.groups() > 1
                || window.dilation().height() > 1
                || window.dilation().width() > 1) {
            return null;
        }
        int[] out = layer.outputShape(in, Site.nowhere());
        if (out == null || window.stride().height() != window.stride().width()) {
            return null;
        }
        Phases vertical = Phases.of(
                in[1],
                out[1],
                window.stride().height(),
                window.kernel().height(),
                window.padding().height());
        Phases horizontal = Phases.of(
                in[2],
                out[2],
                window.stride().width(),
                window.kernel().width(),
                window.padding().width());
        return vertical == null || horizontal == null ? null : new SubPixel(window, vertical, horizontal);
    }

    String expression(String h, Script.Scope scope) {
        int stride = vertical.stride();
        // [in, out, kernel] with a zero behind, of which the places are taken that the ordinary convolution wants.
        String weights = scope.assign(
                "torch.constant_pad_nd(torch.flatten(%s, 2, -1), [0, 1], 0)".formatted(scope.weight("weight")));
        String taken =
                scope.assign("torch.index_select(%s, 2, torch.tensor(%s, dtype=4))".formatted(weights, places()));
        String kernels = scope.assign(
                "torch.reshape(torch.permute(torch.reshape(%s, [%d, %d, %d, -1]), [1, 2, 0, 3]), [%d, %d, %d, %d])"
                        .formatted(
                                taken,
                                window.inChannels(),
                                window.outChannels(),
                                stride * stride,
                                window.outChannels() * stride * stride,
                                window.inChannels(),
                                vertical.size(),
                                horizontal.size()));
        String bias = window.bias()
                ? scope.assign("torch.repeat_interleave(%s, %d)".formatted(scope.weight("bias"), stride * stride))
                : "None";
        return "torch.pixel_shuffle(torch.conv2d(%s, %s, %s, [1, 1], [%d, %d]), %d)"
                .formatted(h, kernels, bias, -vertical.from(), -horizontal.from(), stride);
    }

    private List<Integer> places() {
        int width = window.kernel().width();
        int zero = window.kernel().height() * width;
        var places = new ArrayList<Integer>();
        for (int a = 0; a < vertical.stride(); a++) {
            for (int b = 0; b < horizontal.stride(); b++) {
                for (int i = 0; i < vertical.size(); i++) {
                    for (int j = 0; j < horizontal.size(); j++) {
                        int row = vertical.weight(a, i);
                        int column = horizontal.weight(b, j);
                        places.add(row < 0 || column < 0 ? zero : row * width + column);
                    }
                }
            }
        }
        return places;
    }
}
