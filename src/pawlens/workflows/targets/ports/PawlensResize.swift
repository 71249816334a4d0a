// The resize that a model of pawlens expects, as docs/resize.md of pawlens specifies it, version 1.
// One file, no dependency beyond Foundation. MIT licence, as pawlens itself.
// No Swift toolchain was at hand when it was written: run the test vectors before you rely on it.

import Foundation

/// The filter that a photo is resized with; the raw value is its reach in pixels of the result.
public enum PawlensFilter: Double {
    case bilinear = 1
    case bicubic = 2
}

/// Resize a photo to a square: columns first, then rows, rounded to whole values after each.
///
/// - Parameters:
///   - pixels: height x width x 3 values, RGB, row by row
///   - size: side of the square
/// - Returns: size x size x 3 values, RGB, row by row
public func pawlensResize(
    _ pixels: [UInt8], width: Int, height: Int, size: Int, filter: PawlensFilter
) -> [UInt8] {
    precondition(
        size > 0 && pixels.count == width * height * 3,
        "\(pixels.count) values are no photo of \(width) x \(height)")
    let narrow = pawlensPass(
        pixels, lines: height, length: width, step: 3, stride: width * 3,
        toStep: 3, toStride: size * 3, size: size, filter: filter)
    return pawlensPass(
        narrow, lines: size, length: height, step: size * 3, stride: 3,
        toStep: size * 3, toStride: 3, size: size, filter: filter)
}

/// Filter lines of pixels that lie `step` apart, with the starts of the lines `stride` apart.
private func pawlensPass(
    _ from: [UInt8], lines: Int, length: Int, step: Int, stride: Int,
    toStep: Int, toStride: Int, size: Int, filter: PawlensFilter
) -> [UInt8] {
    var to = [UInt8](repeating: 0, count: lines * size * 3)
    let scale = Double(length) / Double(size)
    let spread = max(scale, 1)
    let reach = filter.rawValue * spread
    for i in 0..<size {
        let centre = (Double(i) + 0.5) * scale
        let first = max(Int((centre - reach - 0.5).rounded(.up)), 0)
        let last = min(Int((centre + reach - 0.5).rounded(.down)), length - 1)
        var weights = (first...last).map {
            pawlensKernel(abs(Double($0) + 0.5 - centre) / spread, filter)
        }
        let total = weights.reduce(0, +)
        weights = weights.map { $0 / total }
        for line in 0..<lines {
            for c in 0..<3 {
                var sum = 0.0
                for (k, weight) in weights.enumerated() {
                    sum += weight * Double(from[line * stride + (first + k) * step + c])
                }
                to[line * toStride + i * toStep + c] = pawlensWhole(sum)
            }
        }
    }
    return to
}

private func pawlensKernel(_ x: Double, _ filter: PawlensFilter) -> Double {
    if filter == .bilinear { return max(1 - x, 0) }
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}

/// Half up, limited to 0..255.
private func pawlensWhole(_ value: Double) -> UInt8 {
    UInt8(min(max((value + 0.5).rounded(.down), 0), 255))
}
