internal import EarmarkAnswer
internal import EarmarkDetect
internal import EarmarkMedia

/// The features of everything in a recording that is worth a look, for comparing it with many meetings.
///
/// `Examiner`, which has one meeting, keeps one channel at a time instead.
struct RecordingParts {
    /// A sum of channels, or a channel.
    private struct Part {
        let track: Int
        /// nil for the sum.
        let channel: Int?
        let frames: Int
        /// Features, if there was room for them.
        let features: FeatureMatrix?
    }

    /// Sums and channels.
    private var parts: [Part] = []
    /// Bytes of features that may still be held.
    private var room = RecordingParts.mostHeld
    /// Which of the parts are the sums of the tracks.
    private var sumPlaces: [Int] = []
    /// What of the recording is examined and paid for.
    private(set) var plan: ExaminationPlan
    /// Where each track stands in what a player shows.
    private(set) var places: [Int: PlaceMap] = [:]
    /// Where a search for warps looks, by track.
    private(set) var stretches: [(track: Int, busy: BusyStretches)] = []

    /// Features that are held at most, bytes: two channels of six hours; others are decoded again when needed.
    private static let mostHeld = 90_000_000

    /// How many parts there are.
    var count: Int { parts.count }
    /// Which of them are the sums of the tracks.
    var sums: [Int] { sumPlaces }
    /// Whether the features of all of them are held.
    var areHeld: Bool { parts.allSatisfy { $0.features != nil } }

    /// The channel that a part is; nil for the sum.
    func channel(_ index: Int) -> Int? { parts[index].channel }

    /// Features of a part, which are decoded again if they are not held.
    func features(_ index: Int, _ source: ChannelFeatures) throws -> FeatureMatrix {
        let part = parts[index]
        if let features = part.features { return features }
        guard let channel = part.channel else { return try source.extract(track: part.track).features }
        var found = FeatureMatrix()
        let seconds = Double(part.frames) / FeatureLayout.framesPerSecond
        try source.forEachChannel(channel..<channel + 1, track: part.track, seconds: seconds) { found = $0 }
        return found
    }

    private mutating func append(_ features: FeatureMatrix, track: Int, channel: Int?) {
        let isHeld = features.values.count <= room
        if isHeld { room -= features.values.count }
        parts.append(
            Part(track: track, channel: channel, frames: features.frames, features: isHeld ? features : nil))
    }

    /// Takes the sum of a track's channels, and the channels that are worth a look.
    private mutating func append(
        _ first: ChannelFeatures.Result, track: Int, _ source: ChannelFeatures
    ) throws {
        stretches.append((track, BusyStretches(first.features)))
        sumPlaces.append(parts.count)
        append(first.features, track: track, channel: nil)
        let channels = plan.examined(track: track, channelsDiffer: first.channelsDiffer)
        var channel = channels.lowerBound
        try source.forEachChannel(channels, track: track, seconds: first.summary.seconds) {
            append($0, track: track, channel: channel)
            channel += 1
        }
    }

    /// Decodes all tracks; `file` takes note of what the decoder says.
    ///
    /// - Throws: `MediaError` if the file is refused.
    init(_ source: ChannelFeatures, effort: Effort, policy: RecordingPolicy, file: inout Examination) throws {
        let tracks = source.recording.tracks
        plan = ExaminationPlan(tracks: tracks, effort: effort)
        var failure: MediaError?
        for track in tracks.indices {
            let first: ChannelFeatures.Result
            do {
                first = try source.extract(track: track)
            } catch let error as MediaError where error.code == .corrupt && tracks.count > 1 {
                failure = error
                file.omit(tracks[track], error)
                continue
            }
            file.note(first.summary)
            if tracks.count > 1 { file.omitPieces(of: tracks[track], first.summary) }
            places[track] = first.summary.places
            if plan.omitsChannels(channelsDiffer: first.channelsDiffer) { file.omitChannels(of: tracks[track]) }
            plan.settle(channelsDiffer: first.channelsDiffer, frames: first.features.frames)
            let summary = first.summary
            try append(first, track: track, source)
            guard tracks.count == 1, summary.isFullOfHoles else { continue }
            file.noteOnePiece(summary)
            plan.repeatInOnePiece()
            let again = source.recording.inOnePiece(track)
            let whole = try source.extract(track: again)
            places[again] = whole.summary.places
            try append(whole, track: again, source)
        }
        if stretches.isEmpty, let failure { throw failure }
        try file.requireLongEnough(source.recording, policy)
    }

    // MARK: Comparing

    /// Stretches of 6.5 minutes that are compared at most where not all are.
    private static let stretchLimit = 4

    /// A stretch of one part.
    struct StretchRange: Equatable {
        var part: Int
        var segments: Range<Int>
    }

    /// What is compared with meetings: all of the recording up to 26 minutes, of longer ones four stretches that are
    /// spread over it, unless `isComplete`.
    func stretchRanges(isComplete: Bool) -> [StretchRange] {
        parts.indices.flatMap { part in
            RecordingParts.ranges(
                segments: parts[part].frames / PilotCorrelator.segmentFrames, isComplete: isComplete
            ).map { StretchRange(part: part, segments: $0) }
        }
    }

    static func ranges(segments: Int, isComplete: Bool) -> [Range<Int>] {
        let longest = PilotScreen.longestSegments
        let needed = (segments + longest - 1) / longest
        guard needed > stretchLimit, !isComplete else {
            return (0..<needed).map { segments * $0 / needed..<segments * ($0 + 1) / needed }
        }
        return (0..<stretchLimit).map { index in
            let start = (segments - longest) * index / (stretchLimit - 1)
            return start..<start + longest
        }
    }
}
