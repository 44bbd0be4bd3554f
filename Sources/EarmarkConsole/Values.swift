import ArgumentParser
package import EarmarkFiles

/// A point in time on the command line, as ISO 8601.
package struct TimeArgument: ExpressibleByArgument {
    /// The point in time.
    package let time: Timestamp

    package init?(argument: String) {
        guard let time = Timestamp(argument) else { return nil }
        self.time = time
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
