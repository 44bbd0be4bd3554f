internal import CMath
import EarmarkMark

/// When in the meeting a recording's beginning was played, as somebody states it: a hint by which what lies there comes
/// earlier in the order of what is tried.
///
/// Nothing is left out for it, so that a statement can neither hide a client nor what tells an echo or a copy.
public struct MeetingWindow: Sendable, Equatable {
    /// Seconds from the meeting's origin.
    public let seconds: Double
    /// How far off that may be, seconds.
    public let within: Double

    /// Statements that can be made, seconds from the meeting's origin: from 75 minutes before it to 25 hours after.
    public static let secondsRange = -4_500.0...90_000
    /// Tolerances that can be, seconds: at least such that every line through the pilot, which repeats after 16 s, has
    /// a time that is allowed.
    public static let withinRange = 10.0...86_400
    /// Odds that a statement is true: people look at a clock, and of ten one looks at another meeting's, or errs.
    private static let odds = 9.0

    /// States a time; what lies out of range is taken to its nearest end.
    public init(seconds: Double, within: Double) {
        self.seconds = MeetingWindow.clamped(seconds, MeetingWindow.secondsRange)
        self.within = MeetingWindow.clamped(within, MeetingWindow.withinRange)
    }

    private static func clamped(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        value.isNaN ? range.lowerBound : min(max(value, range.lowerBound), range.upperBound)
    }

    /// Frames by which the meeting may be ahead of the recording.
    package var offsets: ClosedRange<Int64> {
        let middle = Int64((seconds * FeatureLayout.framesPerSecond).rounded())
        let reach = Int64((within * FeatureLayout.framesPerSecond).rounded(.down))
        return middle - reach...middle + reach
    }

    /// Whether a stretch may be so many frames behind the meeting.
    package func allows(_ offset: Double) -> Bool {
        (Double(offsets.lowerBound)...Double(offsets.upperBound)).contains(offset)
    }

    /// Meeting times, a period apart, that a line through the pilot can have at most.
    package var timesOfLine: Int { (offsets.count - 1) / FeatureLayout.framesPerPeriod + 1 }

    /// How much likelier a time within is than one of as many others among all `periods`, natural log; >= 0.
    package func weight(among periods: Int) -> Double {
        max(0, log(MeetingWindow.odds * Double(periods) / Double(timesOfLine)))
    }
}

/// Frames of the meeting at which a straight line through the recording may begin.
struct SearchedFrames: Sendable {
    /// Periods of the meeting's schedule.
    let expected: Range<Int64>
    /// What somebody stated; nil where nothing was.
    let stated: MeetingWindow?

    /// How many of the schedule there are.
    var count: Int { expected.count * FeatureLayout.framesPerPeriod }

    /// The periods in which `ChipCorrelator` finds what frame `start` of the recording may show: those of the schedule,
    /// and those of the statement if they lie elsewhere.
    func periods(of start: Int) -> [Range<Int64>] {
        guard let frames = frames(of: start) else { return [expected] }
        // The correlator finds a period's chips up to a chip before them.
        let early = Int64(FeatureLayout.framesPerChip)
        let size = Int64(FeatureLayout.framesPerPeriod)
        let stated = floorDivide(frames.lowerBound, size)..<floorDivide(frames.upperBound + early, size) + 1
        let before = stated.lowerBound..<max(stated.lowerBound, min(stated.upperBound, expected.lowerBound))
        let behind = min(stated.upperBound, max(stated.lowerBound, expected.upperBound))..<stated.upperBound
        return [expected] + [before, behind].filter { !$0.isEmpty }
    }

    /// The frames that were stated for frame `start` of the recording; nil where nothing was.
    func frames(of start: Int) -> ClosedRange<Int64>? {
        stated.map { $0.offsets.lowerBound + Int64(start)...$0.offsets.upperBound + Int64(start) }
    }
}
