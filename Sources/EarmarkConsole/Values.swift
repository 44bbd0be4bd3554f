import ArgumentParser
package import EarmarkFiles
import Foundation

/// A point in time on the command line, as ISO 8601 or as people say it.
package struct TimeArgument: ExpressibleByArgument {
    /// The point in time.
    package let time: Timestamp
    /// Whether a zone decided it that is not spelled as an offset.
    package let isLocal: Bool
    /// Whether no time of day was given.
    package let isWholeDay: Bool

    /// What refusals show.
    package static let examples = "2026-11-29T10:00+01:00, '2026-11-29 10:00' (local time), 'today 14:00'"
    /// How the value of such an option is called in help and in refusals.
    package static let valueName = "time"

    package init?(argument: String) {
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        guard let meant = LocalTime.parse(argument, now: now) else { return nil }
        (time, isLocal, isWholeDay) = (meant.time, meant.isLocal, meant.isWholeDay)
    }

    /// Tells on standard error how a time was understood that spells no offset from UTC.
    package func tell(_ option: String) {
        guard isLocal else { return }
        Output.message("earmark: note: \(option) is understood as \(LocalTime.text(time)), that is \(time.text)")
    }
}

/// A span of time on the command line: `2h`, `90m`, `1h30m`, `45s` or a number of seconds.
package struct DurationArgument: ExpressibleByArgument {
    /// Whole seconds.
    package let seconds: Int64

    package init?(argument: String) {
        guard let seconds = DurationText.parse(argument) else { return nil }
        self.seconds = seconds
    }
}
