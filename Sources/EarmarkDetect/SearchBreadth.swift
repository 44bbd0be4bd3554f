/// How many alignments are tried on every channel; each is paid for whether it exists or not, since the number must be
/// known before any identity is scored.
public struct SearchBreadth: Sendable, Equatable {
    /// Paths through the recording that are followed at most, > 0: copies with other delays, echoes, two meetings.
    public var tracks: Int
    /// Alignments along straight lines that are tried at most where the paths prove nothing, >= 0.
    public var lines: Int

    /// Alignments that are tried at most without the pilot, where nothing was found with it, >= 0.
    public var pilotless: Int
    /// Further meeting times that are tried at most for the best straight line, where it stands out and shows nobody at
    /// the likeliest ones, >= 0.
    public var times: Int
    /// Whether, where all of those show nobody, every candidate is tried at every frame of the meeting's schedule.
    public var triesEveryFrame: Bool

    /// Paths, lines, alignments without the pilot, further times, and whether a search without pilot and timeline ends
    /// it.
    public init(tracks: Int, lines: Int = 0, pilotless: Int = 0, times: Int = 0, triesEveryFrame: Bool = false) {
        self.tracks = max(1, tracks)
        self.lines = max(0, lines)
        self.pilotless = max(0, pilotless)
        self.times = max(0, times)
        self.triesEveryFrame = triesEveryFrame
    }

    /// Meeting times of a straight line that are ranked with those of the others: where its timeline evidence is weak
    /// the right one is seldom the very best of thousands.
    static let timesPerLine = 8

    /// Alignments with the pilot: the first in a channel's order.
    package var withPilot: Int { tracks + lines }

    /// Hypotheses that a channel costs, further times and those at every frame not counted.
    public var alignments: Int { tracks + lines + pilotless }
}
