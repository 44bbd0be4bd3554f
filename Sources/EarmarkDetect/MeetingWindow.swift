import EarmarkMark

/// When in the meeting a recording's beginning was played, as somebody states it: nothing else is looked at.
///
/// What follows the beginning is looked for where it would lie in an unbroken recording, as far off as the statement
/// may be; a cut shifts it by what was cut.
public struct MeetingWindow: Sendable, Equatable {
    /// Seconds from the meeting's origin.
    public let seconds: Double
    /// How far off that may be, seconds.
    public let within: Double

    /// Statements that can be searched, seconds from the meeting's origin: from 75 minutes before it to 25 hours after.
    public static let secondsRange = -4_500.0...90_000
    /// Tolerances that can be, seconds: at least such that every line through the pilot, which repeats after 16 s, has
    /// a time that is allowed.
    public static let withinRange = 10.0...86_400

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
}

/// Frames of the meeting at which a straight line through the recording may begin: all of the schedule, or of a stated
/// window.
struct SearchedFrames: Sendable {
    /// Periods of the meeting's schedule.
    let expected: Range<Int64>
    /// What somebody stated; nil for the whole schedule.
    let window: MeetingWindow?

    /// How many there are.
    var count: Int { window?.offsets.count ?? expected.count * FeatureLayout.framesPerPeriod }

    /// The frames that frame `start` of the recording may show, and the periods in which `ChipCorrelator` finds them.
    func places(of start: Int) -> (periods: Range<Int64>, frames: ClosedRange<Int64>) {
        guard let offsets = window?.offsets else { return (expected, Int64.min...Int64.max) }
        let frames = offsets.lowerBound + Int64(start)...offsets.upperBound + Int64(start)
        // The correlator finds a period's chips up to a chip before them.
        let early = Int64(FeatureLayout.framesPerChip)
        let size = Int64(FeatureLayout.framesPerPeriod)
        return (floorDivide(frames.lowerBound, size)..<floorDivide(frames.upperBound + early, size) + 1, frames)
    }
}
