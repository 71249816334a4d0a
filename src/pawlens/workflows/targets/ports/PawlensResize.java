// The resize that a model of pawlens expects, as docs/resize.md of pawlens specifies it, version 1.
// One class, no dependency; Kotlin calls it as it is. MIT licence, as pawlens itself.

/** Resizes photos to squares: columns first, then rows, rounded to whole values after each. */
public final class PawlensResize {
    private PawlensResize() {}

    /**
     * Resize a photo.
     *
     * @param pixels height x width x 3 values, RGB, row by row
     * @param size side of the square
     * @param bicubic the filter: bicubic, or bilinear
     * @return size x size x 3 values, RGB, row by row
     */
    public static byte[] resize(byte[] pixels, int width, int height, int size, boolean bicubic) {
        if (width < 1 || height < 1 || size < 1 || pixels.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    pixels.length + " values are no photo of " + width + " x " + height);
        }
        byte[] narrow = new byte[height * size * 3];
        pass(pixels, height, width, 3, width * 3, narrow, 3, size * 3, size, bicubic);
        byte[] square = new byte[size * size * 3];
        pass(narrow, size, height, size * 3, 3, square, size * 3, 3, size, bicubic);
        return square;
    }

    /** Filter lines of pixels that lie step apart, with the starts of the lines stride apart. */
    private static void pass(
            byte[] from, int lines, int length, int step, int stride,
            byte[] to, int toStep, int toStride, int size, boolean bicubic) {
        double scale = (double) length / size;
        double spread = Math.max(scale, 1);
        double reach = (bicubic ? 2 : 1) * spread;
        double[] weights = new double[(int) (2 * reach) + 3];
        for (int i = 0; i < size; i++) {
            double centre = (i + 0.5) * scale;
            int first = Math.max((int) Math.ceil(centre - reach - 0.5), 0);
            int last = Math.min((int) Math.floor(centre + reach - 0.5), length - 1);
            double total = 0;
            for (int j = first; j <= last; j++) {
                weights[j - first] = kernel(Math.abs(j + 0.5 - centre) / spread, bicubic);
                total += weights[j - first];
            }
            for (int j = first; j <= last; j++) weights[j - first] /= total;
            for (int line = 0; line < lines; line++) {
                for (int c = 0; c < 3; c++) {
                    double sum = 0;
                    for (int j = first; j <= last; j++) {
                        sum += weights[j - first] * (from[line * stride + j * step + c] & 0xff);
                    }
                    to[line * toStride + i * toStep + c] = whole(sum);
                }
            }
        }
    }

    private static double kernel(double x, boolean bicubic) {
        if (!bicubic) return Math.max(1 - x, 0);
        if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
        return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }

    /** Half up, limited to 0..255. */
    private static byte whole(double value) {
        return (byte) Math.min(Math.max(Math.floor(value + 0.5), 0), 255);
    }
}
