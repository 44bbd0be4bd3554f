import ArgumentParser
import EarmarkFiles

/// A position on a meeting's timeline on the command line: `754.2`, `12:34.2`, `1:02:30` or `45m` from its start, with
/// a minus before it for what came before.
package struct MeetingTimeArgument: ExpressibleByArgument {
    /// Two days either way of the start: more is a mistake in the units, seconds.
    private static let furthest = 172_800.0

    /// The forms that it takes, for help.
    package static let forms = "seconds such as 754.2, or 12:34.2, 1:02:30 or 45m; -5m is before its start"

    /// Seconds from the start.
    package let seconds: Double

    package init?(argument: String) {
        let isBefore = argument.hasPrefix("-")
        let text = isBefore ? String(argument.dropFirst()) : argument
        guard let size = MeetingTimeArgument.magnitude(text), size <= MeetingTimeArgument.furthest else { return nil }
        seconds = isBefore ? -size : size
    }

    private static func magnitude(_ text: String) -> Double? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        // Double reads signs, hexadecimal digits and infinity, too.
        if parts.allSatisfy(isDigits) { return Double(text) }
        guard let clock = DurationText.clock(String(parts[0])) else { return DurationText.parse(text).map(Double.init) }
        guard parts.count == 2 else { return Double(clock) }
        return isDigits(parts[1]) ? Double("0.\(parts[1])").map { Double(clock) + $0 } : nil
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
