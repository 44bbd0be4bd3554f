package import ArgumentParser
package import EarmarkAnswer
package import EarmarkFiles
import Foundation

/// When in the meeting recordings were played, on the command line.
package struct PlayedAtOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "When the recording's beginning was played: 12:30 or 45m into the meeting, -5m before its start, or a "
                + "time such as '2026-11-29 10:12'. That is tried first.", valueName: "when"))
    package var playedAt: PlayedAtArgument?

    @Option(
        help: ArgumentHelp("How far off --played-at may be: 10s to 24h; by default 90s.", valueName: "duration"))
    package var playedAtWithin: DurationArgument?

    package init() {}

    package mutating func validate() throws {
        guard playedAtWithin.map({ PlayedAt.withinRange.contains($0.seconds) }) ?? true else {
            throw ValidationError("--played-at-within must be 10s to 24h.")
        }
    }

    /// Refuses a width of nothing; where rows of a list may state times of their own, it is theirs.
    package func requireTime() throws {
        guard playedAtWithin == nil || playedAt != nil else {
            throw ValidationError("--played-at-within needs --played-at.")
        }
    }

    /// How far off what is stated may be, seconds.
    package var within: Int64 { playedAtWithin?.seconds ?? PlayedAt.usualWithin }

    /// What was stated; how a time without a zone was understood is told.
    package var stated: PlayedAt? {
        playedAt?.time?.tell("--played-at")
        return playedAt?.value(within: within)
    }

    /// Reads a point in time as people at this machine say it.
    package static func time(_ text: String) -> Timestamp? { TimeArgument(argument: text)?.time }
}

/// A time of playing on the command line.
package struct PlayedAtArgument: ExpressibleByArgument {
    private let text: String
    /// The point in time that it names; nil for an offset.
    let time: TimeArgument?

    package init?(argument: String) {
        guard let stated = PlayedAt(argument, time: PlayedAtOptions.time) else { return nil }
        text = argument
        if case .time = stated.moment { time = TimeArgument(argument: argument) } else { time = nil }
    }

    fileprivate func value(within: Int64) -> PlayedAt? {
        PlayedAt(text, within: within) { _ in time?.time }
    }
}
