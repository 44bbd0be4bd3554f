import ArgumentParser
import EarmarkFiles

/// A point in time on the command line, as ISO 8601.
struct TimeArgument: ExpressibleByArgument {
    /// Unix seconds.
    let seconds: Int64

    init?(argument: String) {
        guard let seconds = UTCTime.parse(argument) else { return nil }
        self.seconds = seconds
    }
}

/// A span of time on the command line: `2h`, `90m`, `1h30m`, `45s` or a number of seconds.
struct DurationArgument: ExpressibleByArgument {
    /// Whole seconds.
    let seconds: Int64

    init?(argument: String) {
        guard let seconds = DurationText.parse(argument) else { return nil }
        self.seconds = seconds
    }
}
