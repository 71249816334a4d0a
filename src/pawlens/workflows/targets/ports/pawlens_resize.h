/* The resize that a model of pawlens expects, as docs/resize.md of pawlens specifies it, version 1.
 * One header, no dependency but the C library; C99 and C++. MIT licence, as pawlens itself.
 */
#ifndef PAWLENS_RESIZE_H
#define PAWLENS_RESIZE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum pawlens_filter { PAWLENS_BILINEAR = 1, PAWLENS_BICUBIC = 2 };

static double pawlens_kernel(double x, enum pawlens_filter filter) {
    if (filter == PAWLENS_BILINEAR) return x < 1 ? 1 - x : 0;
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* Half up, limited to 0..255. */
static uint8_t pawlens_whole(double value) {
    double whole = floor(value + 0.5);
    return (uint8_t)(whole < 0 ? 0 : whole > 255 ? 255 : whole);
}

/* Filter `lines` lines of `length` pixels to `size` pixels each. From one pixel of a line to the
 * next it is `step` values, from one line to the next `stride`. Returns 0, or -1 without memory. */
static int pawlens_pass(const uint8_t *from, int lines, int length, size_t step, size_t stride,
                        uint8_t *to, size_t to_step, size_t to_stride, int size,
                        enum pawlens_filter filter) {
    double scale = (double)length / size;
    double spread = scale > 1 ? scale : 1;
    double reach = (double)filter * spread;
    double *weights = (double *)malloc(sizeof(double) * (size_t)(2 * reach + 3));
    if (weights == NULL) return -1;
    for (int i = 0; i < size; i++) {
        double centre = (i + 0.5) * scale, total = 0;
        int first = (int)ceil(centre - reach - 0.5), last = (int)floor(centre + reach - 0.5);
        if (first < 0) first = 0;
        if (last > length - 1) last = length - 1;
        for (int j = first; j <= last; j++) {
            weights[j - first] = pawlens_kernel(fabs(j + 0.5 - centre) / spread, filter);
            total += weights[j - first];
        }
        for (int j = first; j <= last; j++) weights[j - first] /= total;
        for (int line = 0; line < lines; line++) {
            const uint8_t *pixel = from + (size_t)line * stride + (size_t)first * step;
            double sum[3] = {0, 0, 0};
            for (int j = first; j <= last; j++, pixel += step)
                for (int c = 0; c < 3; c++) sum[c] += weights[j - first] * pixel[c];
            for (int c = 0; c < 3; c++)
                to[(size_t)line * to_stride + (size_t)i * to_step + c] = pawlens_whole(sum[c]);
        }
    }
    free(weights);
    return 0;
}

/* Resize height x width RGB pixels, row by row, to size x size: columns first, then rows, rounded
 * to whole values after each. Returns 0, or -1 where a side is not positive or memory is short. */
static int pawlens_resize(const uint8_t *pixels, int width, int height, uint8_t *square, int size,
                          enum pawlens_filter filter) {
    uint8_t *narrow;
    int failed;
    if (width < 1 || height < 1 || size < 1) return -1;
    narrow = (uint8_t *)malloc((size_t)height * (size_t)size * 3);
    if (narrow == NULL) return -1;
    failed = pawlens_pass(pixels, height, width, 3, (size_t)width * 3, narrow, 3, (size_t)size * 3,
                          size, filter) ||
             pawlens_pass(narrow, size, height, (size_t)size * 3, 3, square, (size_t)size * 3, 3,
                          size, filter);
    free(narrow);
    return failed ? -1 : 0;
}

#endif
