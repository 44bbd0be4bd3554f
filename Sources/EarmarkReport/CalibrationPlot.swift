public import EarmarkDetect
import Foundation

/// The empirical tail against the bound, as SVG: both axes in decades.
public struct CalibrationPlot: Sendable {
    private let tail: DecoyTail

    /// Size of a decade, and of the margins, in pixels.
    private static let decade = 60.0
    private static let left = 70.0
    private static let top = 30.0

    /// A plot of `tail`.
    public init(_ tail: DecoyTail) { self.tail = tail }

    /// The plot as an SVG document.
    public var svg: String {
        let size = CalibrationPlot.decade * Double(tail.shownLevel)
        let width = Int(CalibrationPlot.left + size + 30)
        let height = Int(CalibrationPlot.top + size + 60)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" "
                + "height=\"\(height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            text("Share of \(tail.decoys) decoys beyond each decade of the proven bound", CalibrationPlot.left, 18),
        ]
        for level in 0...tail.shownLevel {
            let offset = CalibrationPlot.decade * Double(level)
            let x = CalibrationPlot.left + offset
            let y = CalibrationPlot.top + offset
            lines.append(line(x, CalibrationPlot.top, x, CalibrationPlot.top + size, "#ddd"))
            lines.append(line(CalibrationPlot.left, y, CalibrationPlot.left + size, y, "#ddd"))
            lines.append(text("1e-\(level)", x - 12, CalibrationPlot.top + size + 18))
            lines.append(text("1e-\(level)", 24, y + 4))
        }
        let right = CalibrationPlot.left + size
        let bottom = CalibrationPlot.top + size
        lines.append(line(CalibrationPlot.left, CalibrationPlot.top, right, bottom, "#c00"))
        lines.append(text("proven bound (points must lie below the red line)", CalibrationPlot.left, bottom + 40))
        for level in 0...tail.shownLevel where tail.counts[level] > 0 {
            let share = Double(tail.counts[level]) / Double(tail.decoys)
            let x = CalibrationPlot.left + CalibrationPlot.decade * Double(level)
            let y = CalibrationPlot.top - CalibrationPlot.decade * log10(share)
            lines.append(String(format: "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#036\"/>", x, y))
        }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        String(format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" ", x1, y1, x2, y2)
            + "stroke=\"\(colour)\"/>"
    }

    private func text(_ content: String, _ x: Double, _ y: Double) -> String {
        String(format: "<text x=\"%.1f\" y=\"%.1f\">", x, y) + content + "</text>"
    }
}
