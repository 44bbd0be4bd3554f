internal import EarmarkAnswer
import EarmarkDetect
import EarmarkMedia

/// What of a file is examined, and with that what is paid for: made in this one place from the file's description,
/// before anything is tested.
struct ExaminationPlan: Sendable, Equatable {
    /// Channels of each track that may be examined one by one, beside their sum; 0 for mono.
    private(set) var channels: [Int]
    private let effort: Effort
    private let usesReference: Bool
    /// Changes of speed, tempo or pitch that are followed up on each track.
    private(set) var warpsPerTrack: Int

    /// Plans a file of these tracks; with a reference, the sum of every track is examined a second time.
    ///
    /// Every channel of several tracks is paid for, whether it turns out to be worth a pass or not: not every track
    /// needs to decode.
    init(tracks: [AudioTrack], effort: Effort, usesReference: Bool = false) {
        channels = tracks.map { $0.deliveredChannels > 1 ? $0.deliveredChannels : 0 }
        self.effort = effort
        self.usesReference = usesReference
        warpsPerTrack = effort.warps
    }

    /// Takes note of whether the channels of a lone track differ, and of its length, which its first pass shows before
    /// anything is tested: what will not be examined need not be paid for.
    mutating func settle(channelsDiffer: Bool, frames: Int) {
        guard channels.count == 1 else { return }
        if frames < WideSearch.leastFrames { warpsPerTrack = 0 }
        guard examined(track: 0, channelsDiffer: channelsDiffer).isEmpty else { return }
        channels[0] = 0
    }

    /// Takes note that a lone track is examined once more, in one piece: its holes show before anything is tested.
    mutating func repeatInOnePiece() {
        if channels.count == 1 { channels.append(channels[0]) }
    }

    /// Whether channels of a track are left that its sum does not show: no search but `fast` leaves any.
    func omitsChannels(channelsDiffer: Bool) -> Bool { channelsDiffer && !effort.examinesChannels }

    /// The channels of a track that are examined one by one.
    func examined(track: Int, channelsDiffer: Bool) -> Range<Int> {
        channelsDiffer && effort.examinesChannels ? 0..<channels[track] : 0..<0
    }

    /// What is paid for; `expectedSeconds` is the length of the meeting as the detector was told, `window` when in it
    /// the recording is stated to have been played, `otherShares` what of the threshold was spent before.
    func budget(
        expectedSeconds: Double?, scope: SearchScope?, window: MeetingWindow? = nil, otherShares: Int = 0
    ) -> SearchBudget {
        let sums = usesReference ? 2 : 1
        return SearchBudget(
            channels: channels.reduce(0) { $0 + sums + $1 }, warps: warpsPerTrack * channels.count,
            breadth: effort.breadth, expectedSeconds: expectedSeconds, scope: scope, window: window,
            otherShares: otherShares)
    }
}
