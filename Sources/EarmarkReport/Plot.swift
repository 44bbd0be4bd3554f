import Foundation

/// What plots share.
enum Plot {
    /// A coordinate with one decimal: a tenth of a pixel.
    static func text(_ value: Double) -> String { String(format: "%.1f", value) }

    /// Round numbers between `low` and `high`, about `count` of them.
    static func ticks(_ low: Double, _ high: Double, count: Int) -> [Double] {
        let raw = (high - low) / Double(max(1, count))
        guard raw > 0, raw.isFinite else { return [] }
        let power = pow(10, log10(raw).rounded(.down))
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? raw
        return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map { $0 }
    }
}
