package io.github.latentdock.autoencoder;

/**
 * Some of the examples, evenly spaced: the first ones would be of one kind where a dataset is sorted.
 *
 * @param count how many of all
 */
record EvenlySpaced(Examples all, int count) implements Examples {

    /** All of them where there are not more than so many. */
    static Examples of(Examples all, int most) {
        return all.count() <= most ? all : new EvenlySpaced(all, most);
    }

    private int row(int i) {
        return (int) ((long) i * all.count() / count);
    }

    @Override
    public int[] shape() {
        return all.shape();
    }

    @Override
    public float low() {
        return all.low();
    }

    @Override
    public float high() {
        return all.high();
    }

    @Override
    public void values(int row, float[] into, int offset) {
        all.values(row(row), into, offset);
    }

    @Override
    public boolean hasMask() {
        return all.hasMask();
    }

    @Override
    public void mask(int row, float[] into, int offset) {
        all.mask(row(row), into, offset);
    }

    @Override
    public boolean hasGroups() {
        return all.hasGroups();
    }

    @Override
    public int group(int row) {
        return all.group(row(row));
    }
}
