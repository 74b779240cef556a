package io.github.latentdock.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.latentdock.tensor.Tensor;
import io.github.latentdock.tensor.ValueRange;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset: examples of one shape that never change.
 *
 * @param name what paths and plans call it
 * @param id the SHA-256 of the uploaded file, or of all parts and options; the same upload has the same id
 * @param rows the number of examples
 * @param shape of one example; of images [channels, height, width]
 * @param elementType what the numbers are kept as: uint8, which stands for [0, 1], or float32
 * @param range [0, 1] or [-1, 1] when all values lie in it; absent when they do not
 * @param statistics of all values that were observed
 * @param hasMask whether some values are missing
 * @param labels what the labels are; absent without labels
 * @param groups what the groups are; absent without groups
 * @param source what it was made from
 * @param created when it was uploaded
 */
@SuppressWarnings("ArrayRecordComponent")
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(
        requiredProperties = {"name", "id", "rows", "shape", "elementType", "statistics", "hasMask", "source", "created"
        })
public record Dataset(
        @Schema(example = "fashion-mnist-sample") String name,
        String id,
        @Schema(example = "1000") int rows,
        @Schema(example = "[1, 28, 28]") int[] shape,
        ElementType elementType,

        @Schema(implementation = float[].class, example = "[0, 1]") @Nullable
        ValueRange range,

        Statistics statistics,
        boolean hasMask,
        @Nullable Codes labels,
        @Nullable Codes groups,
        Source source,
        Instant created) {

    /** Written last: without it a folder is no dataset. */
    static final String FILE = "dataset.json";

    static final String VALUES = "values.bin";
    static final String MASK = "mask.bin";
    static final String LABELS = "labels.bin";
    static final String GROUPS = "groups.bin";

    /**
     * What the observed values are like.
     *
     * @param mean their mean
     * @param deviation their standard deviation
     * @param min the least
     * @param max the greatest
     * @param missingShare which share of all values is missing, from 0 to 1
     */
    @Schema(
            name = "DatasetStatistics",
            requiredProperties = {"mean", "deviation", "min", "max", "missingShare"})
    public record Statistics(double mean, double deviation, double min, double max, double missingShare) {}

    /**
     * Whole numbers, one for each example, that say to which class or group it belongs.
     *
     * @param min the least number
     * @param max the greatest number
     * @param distinct how many different numbers there are; absent when some are negative or beyond a million
     * @param names what they stand for, by number; absent when they were numbers already
     */
    @Schema(
            name = "DatasetCodes",
            requiredProperties = {"min", "max"})
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Codes(
            int min,
            int max,
            @Nullable Integer distinct,
            @Nullable List<String> names) {}

    /**
     * What a dataset was made from.
     *
     * @param format of the file
     * @param missing how missing values were told: nan; absent when they were not
     * @param resize the size to which pictures were scaled; absent when they were not
     */
    @Schema(name = "DatasetSource", requiredProperties = "format")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Source(
            DatasetFormat format,
            @Nullable String missing,
            @Nullable String resize) {}

    /** The number of values of one example. */
    public int size() {
        return Math.toIntExact(Tensor.size(shape));
    }

    public boolean hasLabels() {
        return labels != null;
    }

    public boolean hasGroups() {
        return groups != null;
    }

    /** The length of a file of so many bytes a row. */
    long bytes(long rowBytes) {
        return Math.multiplyExact(rows, rowBytes);
    }

    /** Two of one name and id are the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Dataset that && name.equals(that.name) && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + id.hashCode();
    }
}
