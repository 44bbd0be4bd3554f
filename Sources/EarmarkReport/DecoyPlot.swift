import EarmarkAnswer

/// How far from chance the evidence is: a histogram of decoys, the evidence that is needed, and that of who is named.
struct DecoyPlot {
    /// Scores of the decoys.
    let decoys: AnswerEvidence.Decoys
    /// z of each source, with what it is called.
    let named: [(z: Double, name: String)]
    /// The z that meets the bound on the likeliest alignment, and on every one.
    let required: (least: Double, most: Double)

    private static let width = 720.0
    private static let height = 240.0
    private static let left = 52.0
    private static let right = 12.0
    private static let top = 14.0
    private static let bottom = 44.0
    /// Height of a line of text.
    private static let labelHeight = 15.0

    private var base: Double { DecoyPlot.height - DecoyPlot.bottom }
    private var total: Int { decoys.total }
    private var tallest: Double { Double(max(1, decoys.counts.max() ?? 1)) }

    private var range: (low: Double, high: Double) {
        let first = decoys.counts.firstIndex { $0 > 0 } ?? 0
        let last = decoys.counts.lastIndex { $0 > 0 } ?? 0
        let low = min(-5, decoys.from + decoys.step * Double(first))
        let high = max(required.most * 1.15, decoys.from + decoys.step * Double(last + 1))
        return (low, max(high, (named.map(\.z).max() ?? 0) * 1.08))
    }

    private func x(_ z: Double) -> Double {
        let span = DecoyPlot.width - DecoyPlot.left - DecoyPlot.right
        return DecoyPlot.left + span * (z - range.low) / (range.high - range.low)
    }

    private func y(_ count: Double) -> Double {
        DecoyPlot.top + (base - DecoyPlot.top) * (1 - count / (1.05 * tallest))
    }

    /// The plot as SVG for inclusion in HTML.
    var svg: String {
        let title = "Evidence of \(total) decoys, what is needed, and what was found"
        var parts = ["<svg viewBox=\"0 0 720 240\" role=\"img\" aria-label=\"\(title)\">"]
        parts += axes
        for (index, count) in decoys.counts.enumerated() where count > 0 {
            let from = x(decoys.from + decoys.step * Double(index))
            let to = x(decoys.from + decoys.step * Double(index + 1))
            parts.append(
                "<rect class=\"others\" x=\"\(Plot.text(from))\" y=\"\(Plot.text(y(Double(count))))\""
                    + " width=\"\(Plot.text(max(0.5, to - from - 0.3)))\""
                    + " height=\"\(Plot.text(base - y(Double(count))))\"/>")
        }
        parts += limits
        for (row, source) in named.enumerated() { parts += dot(source.z, source.name, row: row) }
        return parts.joined(separator: "\n") + "\n</svg>"
    }

    /// What is needed: one line, or two where the price depends on the alignment.
    private var limits: [String] {
        let isOne = required.least == required.most
        let lines = (isOne ? [required.most] : [required.least, required.most]).map { z in
            "<line class=\"limit\" x1=\"\(Plot.text(x(z)))\" x2=\"\(Plot.text(x(z)))\" y1=\"\(DecoyPlot.top)\""
                + " y2=\"\(Plot.text(base))\"/>"
        }
        let needed = HTML.number(required.least, 1) + (isOne ? "" : " to \(HTML.number(required.most, 1))")
        let label =
            "<text class=\"limit-text\" x=\"\(Plot.text(x(required.most) + 5))\" y=\"\(DecoyPlot.top + 10)\">"
            + "needed: \(needed)</text>"
        return lines + [label]
    }

    /// Names stand above their dots, one line lower for each; those at the right end beside them.
    private func dot(_ z: Double, _ name: String, row: Int) -> [String] {
        let isRight = x(z) > DecoyPlot.width / 2
        let height = DecoyPlot.top + 30 + DecoyPlot.labelHeight * Double(row)
        return [
            "<line class=\"stem\" x1=\"\(Plot.text(x(z)))\" x2=\"\(Plot.text(x(z)))\" y1=\"\(Plot.text(height))\""
                + " y2=\"\(Plot.text(base))\"/>",
            "<circle class=\"named\" cx=\"\(Plot.text(x(z)))\" cy=\"\(Plot.text(base))\" r=\"4.5\"/>",
            "<text class=\"name\" x=\"\(Plot.text(x(z) + (isRight ? -6 : 6)))\" y=\"\(Plot.text(height + 4))\""
                + " text-anchor=\"\(isRight ? "end" : "start")\">\(HTML.escape(name)) \(HTML.number(z, 1))</text>",
        ]
    }

    private var axes: [String] {
        let (low, high) = range
        var parts: [String] = []
        for count in Plot.ticks(0, tallest, count: 4) {
            let place = Plot.text(y(count))
            let label = Plot.text(y(count) + 4)
            parts.append(
                "<line class=\"axis\" x1=\"\(DecoyPlot.left)\" x2=\"\(DecoyPlot.width - DecoyPlot.right)\""
                    + " y1=\"\(place)\" y2=\"\(place)\"/><text x=\"\(DecoyPlot.left - 6)\" y=\"\(label)\""
                    + " text-anchor=\"end\">\(HTML.number(count, 0))</text>")
        }
        for z in Plot.ticks(low, high, count: 8) {
            parts.append(
                "<text class=\"scale\" x=\"\(Plot.text(x(z)))\" y=\"\(base + 18)\" text-anchor=\"middle\">"
                    + "\(HTML.number(z, 0))</text>")
        }
        parts.append(
            "<text x=\"\(DecoyPlot.left)\" y=\"\(base + 36)\">Decoys (height) by their evidence in standard deviations"
                + " (across)</text>")
        return parts
    }
}
