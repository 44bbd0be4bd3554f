package import EarmarkAnswer
import Foundation

/// One line that shows where in a recording whose mark was heard.
package enum TimeMap {
    /// Cells of the line: with times at its ends it fits a terminal of 80 columns.
    static let width = 56
    /// What stands for the first, second and every further source, for none, and for what was not read.
    private static let signs = (sources: ["█", "▓", "▒"], nothing: "·", unread: "?")
    /// SGR codes of the same: red, yellow, blue; faint.
    private static let colours = (sources: ["31", "33", "34"], nothing: "2")

    /// The line; nil where nothing was heard.
    ///
    /// - Parameters:
    ///   - answer: its sources are told apart by their order, and not named.
    ///   - isColoured: whether escape sequences may stand in it.
    package static func line(_ answer: Answer, isColoured: Bool) -> String? {
        let seconds = answer.file.seconds
        guard !answer.sources.isEmpty, seconds > 0 else { return nil }
        let cells = (0..<width).map { cell -> String in
            let (from, to) = (Double(cell) * seconds / Double(width), Double(cell + 1) * seconds / Double(width))
            let source = answer.sources.firstIndex { source in
                source.heard.contains { $0.from < to && $0.to > from && $0.isSkipped != true }
            }
            let last = signs.sources.count - 1
            let (sign, colour) =
                source.map { (signs.sources[min($0, last)], colours.sources[min($0, last)]) }
                ?? (answer.isUnread(from: from, to: to) ? signs.unread : signs.nothing, colours.nothing)
            return isColoured ? "\u{1B}[\(colour)m\(sign)\u{1B}[0m" : sign
        }
        return "heard  0:00 \(cells.joined()) \(clock(seconds))"
    }

    /// Seconds as m:ss, or h:mm:ss from an hour on.
    private static func clock(_ seconds: Double) -> String {
        let total = seconds.clamped
        return total >= 3600
            ? String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
            : String(format: "%d:%02d", total / 60, total % 60)
    }
}
