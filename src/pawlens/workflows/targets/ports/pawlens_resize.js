// The resize that a model of pawlens expects, as docs/resize.md of pawlens specifies it, version 1.
// One function, no dependency: a script tag makes it global, require() and import() find it too.
// MIT licence, as pawlens itself.
"use strict";

/**
 * Resize a photo to a square: columns first, then rows, rounded to whole values after each.
 *
 * @param {Uint8Array|Uint8ClampedArray} pixels  height x width x channels values, row by row
 * @param {number} width
 * @param {number} height
 * @param {number} channels  3 for RGB; 4 for the RGBA of a canvas, whose alpha is left out
 * @param {number} size      side of the square
 * @param {"bicubic"|"bilinear"} filter
 * @returns {Uint8Array}     size x size x 3 values, row by row
 */
function pawlensResize(pixels, width, height, channels, size, filter) {
  if (pixels.length !== width * height * channels || channels < 3 || size < 1) {
    throw new RangeError(
      `${pixels.length} values are no photo of ${width} x ${height} with ${channels} channels`
    );
  }
  const narrow = new Uint8Array(height * size * 3);
  pawlensPass(pixels, channels, width * channels, height, pawlensWeights(width, size, filter),
    (i, line, c) => (line * size + i) * 3 + c, narrow);
  const square = new Uint8Array(size * size * 3);
  pawlensPass(narrow, size * 3, 3, size, pawlensWeights(height, size, filter),
    (i, line, c) => (i * size + line) * 3 + c, square);
  return square;
}

// For each of the `size` outputs: the first input that counts, and the weights from there on.
function pawlensWeights(length, size, filter) {
  const scale = length / size;
  const spread = Math.max(scale, 1);
  const reach = (filter === "bicubic" ? 2 : 1) * spread;
  const rows = [];
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.ceil(centre - reach - 0.5), 0);
    const last = Math.min(Math.floor(centre + reach - 0.5), length - 1);
    const weights = new Float64Array(last - first + 1);
    let total = 0;
    for (let j = first; j <= last; j++) {
      total += weights[j - first] = pawlensKernel(Math.abs(j + 0.5 - centre) / spread, filter);
    }
    rows.push({ first, weights: weights.map((weight) => weight / total) });
  }
  return rows;
}

function pawlensKernel(x, filter) {
  if (filter === "bilinear") return Math.max(1 - x, 0);
  if (filter !== "bicubic") throw new RangeError(`unknown filter ${filter}`);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// Filter `lines` lines of pixels that lie `step` apart, with their starts `stride` apart.
function pawlensPass(from, step, stride, lines, rows, place, to) {
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < rows.length; i++) {
      const { first, weights } = rows[i];
      let red = 0, green = 0, blue = 0;
      for (let k = 0, at = line * stride + first * step; k < weights.length; k++, at += step) {
        const weight = weights[k];
        red += weight * from[at];
        green += weight * from[at + 1];
        blue += weight * from[at + 2];
      }
      to[place(i, line, 0)] = pawlensWhole(red);
      to[place(i, line, 1)] = pawlensWhole(green);
      to[place(i, line, 2)] = pawlensWhole(blue);
    }
  }
}

// Half up, limited to 0..255.
function pawlensWhole(value) {
  return Math.min(Math.max(Math.floor(value + 0.5), 0), 255);
}

if (typeof module !== "undefined") module.exports = { pawlensResize };
