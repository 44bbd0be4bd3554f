import EarmarkAnswer
import Foundation

/// The evidence for one source along the recording.
struct TimePlot {
    /// Length of the recording in seconds.
    let seconds: Double
    /// What was found step by step.
    let steps: [AnswerEvidence.Step]
    /// Stretches that carry the mark, in seconds of the recording.
    let heard: [ClosedRange<Double>]

    private static let left = 44.0
    private static let right = 12.0
    private static let top = 10.0
    private static let width = 720.0
    private static let height = 190.0
    private static let bottom = 30.0
    /// Columns at most: more could not be told apart on paper.
    private static let columnLimit = 160

    private struct Column {
        var sum = 0.0
        var energy = 0.0
        var z: Double? { energy > 0 ? sum / energy.squareRoot() : nil }
    }

    private var columns: [Column] {
        let shortest = steps.map { Double($0.to - $0.from) }.max() ?? seconds
        let count = max(1, min(TimePlot.columnLimit, (seconds / max(shortest, 0.1)).clamped))
        var columns = [Column](repeating: Column(), count: count)
        for step in steps where seconds > 0 {
            let middle = Double(step.from + step.to) / 2
            let index = min(count - 1, max(0, (middle / seconds * Double(count)).clamped))
            columns[index].sum += Double(step.sum)
            columns[index].energy += Double(step.energy)
        }
        return columns
    }

    private func x(_ second: Double) -> Double {
        let span = TimePlot.width - TimePlot.left - TimePlot.right
        return TimePlot.left + span * min(1, max(0, second / max(seconds, 1e-9)))
    }

    /// The plot as SVG for inclusion in HTML.
    var svg: String {
        let columns = columns
        let values = columns.compactMap(\.z)
        let high = max(3, (values.max() ?? 0) * 1.1)
        let low = min(-2, (values.min() ?? 0) * 1.1)
        let base = TimePlot.height - TimePlot.bottom
        func y(_ z: Double) -> Double { TimePlot.top + (base - TimePlot.top) * (high - z) / (high - low) }
        var parts = [
            "<svg viewBox=\"0 0 720 190\" role=\"img\" aria-label=\"Evidence along the recording\">"
        ]
        for range in heard {
            parts.append(
                "<rect class=\"heard\" x=\"\(Plot.text(x(range.lowerBound)))\" y=\"\(TimePlot.top)\""
                    + " width=\"\(Plot.text(max(1, x(range.upperBound) - x(range.lowerBound))))\""
                    + " height=\"\(Plot.text(base - TimePlot.top))\"/>")
        }
        for z in Plot.ticks(low, high, count: 4) {
            parts.append(
                "<line class=\"axis\" x1=\"\(TimePlot.left)\" x2=\"\(TimePlot.width - TimePlot.right)\" y1=\""
                    + "\(Plot.text(y(z)))\" y2=\"\(Plot.text(y(z)))\"/><text x=\"\(TimePlot.left - 6)\" y=\""
                    + "\(Plot.text(y(z) + 4))\" text-anchor=\"end\">\(HTML.number(z, 0))</text>")
        }
        let pitch = (TimePlot.width - TimePlot.left - TimePlot.right) / Double(columns.count)
        for (index, column) in columns.enumerated() {
            guard let z = column.z else { continue }
            parts.append(
                "<rect class=\"\(z >= 0 ? "named" : "others")\" x=\""
                    + "\(Plot.text(TimePlot.left + (Double(index) + 0.15) * pitch))\" "
                    + "y=\"\(Plot.text(min(y(0), y(z))))\""
                    + " width=\"\(Plot.text(0.7 * pitch))\" height=\"\(Plot.text(abs(y(z) - y(0))))\"/>")
        }
        return (parts + times(base)).joined(separator: "\n") + "\n</svg>"
    }

    /// The first label and one at the very end stay within the plot.
    private func anchor(_ second: Double) -> String {
        if second == 0 { return "start" }
        return x(second) > TimePlot.width - 2 * TimePlot.right ? "end" : "middle"
    }

    /// Times below the plot, at round numbers of seconds or minutes.
    private func times(_ base: Double) -> [String] {
        let steps = [5.0, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]
        let step = steps.first { seconds / $0 <= 8 } ?? 14_400
        return stride(from: 0, through: seconds, by: step).map { second in
            "<text x=\"\(Plot.text(x(second)))\" y=\"\(base + 18)\" text-anchor=\"\(anchor(second))\">"
                + "\(HTML.clock(second))</text>"
        }
    }
}
