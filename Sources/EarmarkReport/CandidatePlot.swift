import Foundation

/// The evidence for every candidate as dots, with the evidence that is needed as a line.
struct CandidatePlot {
    /// z of each candidate in the order of enrolment; nil for one that was not scored.
    let scores: [Double?]
    /// Places of those who are named, with their names.
    let named: [(place: Int, name: String)]
    /// The z that meets the bound on the likeliest alignment, and on every one.
    let required: (least: Double, most: Double)

    private static let width = 720.0
    private static let height = 300.0
    private static let left = 44.0
    private static let right = 12.0
    private static let top = 14.0
    private static let bottom = 34.0

    private var range: (low: Double, high: Double) {
        let known = scores.compactMap { $0 }
        return (min(-3, (known.min() ?? 0).rounded(.down)), max(required.most * 1.15, (known.max() ?? 0) * 1.08))
    }

    private func x(_ place: Int) -> Double {
        let span = CandidatePlot.width - CandidatePlot.left - CandidatePlot.right
        return CandidatePlot.left + span * (Double(place) + 0.5) / Double(max(1, scores.count))
    }

    private func y(_ z: Double) -> Double {
        let (low, high) = range
        let span = CandidatePlot.height - CandidatePlot.top - CandidatePlot.bottom
        return CandidatePlot.top + span * (high - z) / (high - low)
    }

    /// The plot as SVG for inclusion in HTML.
    var svg: String {
        var parts = [
            "<svg viewBox=\"0 0 720 300\" role=\"img\" aria-label=\"Evidence for each of \(scores.count) candidates\">"
        ]
        parts += axis
        let isNamed = Set(named.map(\.place))
        for (place, z) in scores.enumerated() {
            guard let z, !isNamed.contains(place) else { continue }
            parts.append("<circle class=\"others\" cx=\"\(Plot.text(x(place)))\" cy=\"\(Plot.text(y(z)))\" r=\"1.6\"/>")
        }
        parts += limits
        var lowest = -Double.infinity
        for (place, name) in named.sorted(by: { height(of: $0.place) < height(of: $1.place) }) {
            // Labels of equal height would cover each other.
            lowest = max(height(of: place), lowest + CandidatePlot.labelHeight)
            parts += dot(place, name, labelY: lowest)
        }
        return parts.joined(separator: "\n") + "\n</svg>"
    }

    /// What is needed: one line, or two where the price depends on the alignment.
    private var limits: [String] {
        let isOne = required.least == required.most
        let lines = (isOne ? [required.most] : [required.least, required.most]).map { z in
            "<line class=\"limit\" x1=\"\(CandidatePlot.left)\" x2=\"\(CandidatePlot.width - CandidatePlot.right)\""
                + " y1=\"\(Plot.text(y(z)))\" y2=\"\(Plot.text(y(z)))\"/>"
        }
        let needed = HTML.number(required.least, 1) + (isOne ? "" : " to \(HTML.number(required.most, 1))")
        let label =
            "<text class=\"limit-text\" x=\"\(CandidatePlot.left + 6)\" y=\"\(Plot.text(y(required.most) - 5))\">"
            + "needed: \(needed)</text>"
        return lines + [label]
    }

    /// Height of a line of text.
    private static let labelHeight = 13.0

    private func height(of place: Int) -> Double {
        scores.indices.contains(place) ? scores[place].map(y) ?? .infinity : .infinity
    }

    private func dot(_ place: Int, _ name: String, labelY: Double) -> [String] {
        guard scores.indices.contains(place), let z = scores[place] else { return [] }
        let isRight = x(place) > CandidatePlot.width / 2
        let offset = isRight ? -9.0 : 9.0
        return [
            "<circle class=\"named\" cx=\"\(Plot.text(x(place)))\" cy=\"\(Plot.text(y(z)))\" r=\"4.5\"/>",
            "<text class=\"name\" x=\"\(Plot.text(x(place) + offset))\" y=\"\(Plot.text(labelY + 4))\""
                + " text-anchor=\"\(isRight ? "end" : "start")\">\(HTML.escape(name)) \(HTML.number(z, 1))</text>",
        ]
    }

    private var axis: [String] {
        let (low, high) = range
        let base = CandidatePlot.height - CandidatePlot.bottom
        var parts: [String] = []
        for z in Plot.ticks(low, high, count: 6) {
            let place = Plot.text(y(z))
            parts.append(
                "<line class=\"axis\" x1=\"\(CandidatePlot.left)\" x2=\"\(CandidatePlot.width - CandidatePlot.right)\""
                    + " y1=\"\(place)\" y2=\"\(place)\"/>")
            parts.append(
                "<text x=\"\(CandidatePlot.left - 6)\" y=\"\(Plot.text(y(z) + 4))\" text-anchor=\"end\">"
                    + "\(HTML.number(z, 0))</text>")
        }
        parts.append("<text x=\"\(CandidatePlot.left)\" y=\"\(base + 24)\">first enrolled</text>")
        parts.append(
            "<text x=\"\(CandidatePlot.width - CandidatePlot.right)\" y=\"\(base + 24)\" text-anchor=\"end\">last of "
                + "\(scores.count)</text>")
        return parts
    }
}

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
