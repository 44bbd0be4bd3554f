/// Everything that one analysis may test, fixed before it tests anything.
///
/// The bound on false accusation pays for all of it, whether it is tried or not (docs/statistics.md, section 4), and
/// the run refuses whatever goes beyond it.
public struct SearchBudget: Sendable, Equatable {
    /// Channels and sums of channels that may be examined, all tracks of the file together, > 0; a second look at a sum
    /// with the help of a reference is one more.
    public let channels: Int
    /// Changes of speed, tempo or pitch that may be undone, all tracks together, >= 0.
    public let warps: Int
    /// What may be tried on each channel and warp; no further times where more than one meeting is searched.
    public let breadth: SearchBreadth
    /// Among what the meeting was found; nil if it was known beforehand.
    public let scope: SearchScope?
    /// When in the one meeting that is searched the recording is stated to have been played, which orders what is tried
    /// and changes no price; nil if nothing is stated.
    public let window: MeetingWindow?
    /// Frames of the meeting's schedule at which each candidate may be tried, for each channel; 0 if none.
    public let placementsPerChannel: Int
    /// Further shares of the threshold, equal to this budget's own, that another part of the same analysis spends.
    public let otherShares: Int

    /// Plans what may be tried.
    ///
    /// - Parameters:
    ///   - channels: channels and sums of channels, > 0.
    ///   - warps: changes of speed, tempo or pitch, >= 0.
    ///   - breadth: what is tried on each of them.
    ///   - expectedSeconds: length of the meeting as the detector was told; it says what trying every frame costs.
    ///   - scope: among what the meeting was found, if it was not known beforehand.
    ///   - window: when in the meeting the recording is stated to have been played; nil if nothing is, and where
    ///     several meetings are searched.
    ///   - otherShares: shares of the threshold that another part of the same analysis spends, >= 0.
    public init(
        channels: Int, warps: Int = 0, breadth: SearchBreadth = .init(tracks: 2), expectedSeconds: Double? = nil,
        scope: SearchScope? = nil, window: MeetingWindow? = nil, otherShares: Int = 0
    ) {
        self.otherShares = max(0, otherShares)
        self.channels = max(1, channels)
        self.warps = max(0, warps)
        self.scope = scope
        self.window = scope?.meetings ?? 1 <= 1 ? window : nil
        var breadth = breadth
        // Many of a thousand meetings that are compared show a line by chance.
        if let scope, scope.meetings > 1 { breadth.times = 0 }
        self.breadth = breadth
        // A meeting that had to be found has its pilot in the recording.
        let triesEveryFrame = breadth.triesEveryFrame && scope?.meetings ?? 1 <= 1
        placementsPerChannel =
            triesEveryFrame
            ? SearchedFrames(
                expected: MeetingSchedule(expectedSeconds: expectedSeconds).expected, stated: nil
            ).count : 0
    }

    /// Alignments paid for.
    var hypotheses: Int { (channels + warps) * breadth.alignments }
    /// Further times paid for.
    var times: Int { (channels + warps) * breadth.times }
    /// Placements paid for; a warp is not tried at every frame.
    var placements: Int { channels * placementsPerChannel }
    /// Shares of the threshold that are spent here: alignments, further times, placements.
    package var ownShares: Int { 1 + (times > 0 ? 1 : 0) + (placements > 0 ? 1 : 0) }
    /// Meetings paid for.
    var meetings: Int { max(1, scope?.meetings ?? 1) }
}

/// What a search for the meeting pays for.
public struct SearchScope: Sendable, Equatable {
    /// Meetings that were compared with the recording.
    public var meetings: Int
    /// Candidates of all of them.
    public var candidates: Int

    /// Bundles the two numbers.
    public init(meetings: Int, candidates: Int) {
        self.meetings = meetings
        self.candidates = candidates
    }
}

extension SearchBudget {
    /// A hypothesis that nobody paid for: a defect of the program that asked for it.
    ///
    /// What it was thrown for has not been tested. An analysis that meets it has no answer: nothing is left out
    /// quietly, since a recorder could go free by it, and nothing is tested unpaid, since the bound would be a lie.
    public struct Overrun: Error, Sendable, Equatable, CustomStringConvertible {
        /// What there was too much of.
        public enum Item: String, Sendable, CaseIterable {
            /// Channels and sums of channels.
            case channels
            /// Changes of speed, tempo or pitch.
            case warps
            /// Alignments of a channel with the pilot.
            case alignments
            /// Further meeting times of a channel.
            case times
            /// Looks at a channel without the pilot.
            case channelsWithoutPilot = "channels without the pilot"
            /// Alignments of a channel without the pilot.
            case alignmentsWithoutPilot = "alignments without the pilot"
            /// Frames of the schedule at which candidates are tried.
            case placements
        }

        /// What there was too much of.
        public let item: Item
        /// How many are paid for.
        public let planned: Int
        /// How many were asked for.
        public let asked: Int

        /// For whoever looks for the defect.
        public var description: String {
            "the analysis asked for \(asked) \(item.rawValue) and pays for \(planned)"
        }
    }
}
