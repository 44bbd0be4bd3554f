internal import EarmarkDetect
internal import EarmarkMedia

/// The features of everything in a recording that is worth a look, for comparing it with many meetings.
///
/// `Examiner`, which has one meeting, keeps one channel at a time instead.
struct RecordingParts {
    /// Features of sums and channels.
    private(set) var features: [FeatureMatrix] = []
    /// Which of `features` are the sums of the tracks.
    private var sumPlaces: [Int] = []
    /// Channels and sums to be paid for.
    private(set) var paidChannels = 0
    /// Where a search for warps looks, by track.
    private(set) var stretches: [(track: Int, frame: Int)] = []

    /// Features of the tracks' sums.
    var sums: [FeatureMatrix] { sumPlaces.map { features[$0] } }

    /// Decodes all tracks; `file` takes note of what the decoder says.
    ///
    /// - Throws: `MediaError` if the file is refused.
    init(_ source: ChannelFeatures, effort: Effort, policy: RecordingPolicy, file: inout Examination) throws {
        let tracks = source.recording.tracks
        var failure: MediaError?
        for track in tracks.indices {
            // Channels of several tracks are all paid for, as not every track needs to decode.
            let channels = tracks[track].deliveredChannels
            if tracks.count > 1 { paidChannels += channels > 1 ? 1 + channels : 1 }
            let first: ChannelFeatures.Result
            do {
                first = try source.extract(track: track, part: .sum)
            } catch let error as MediaError where error.code == .corrupt && tracks.count > 1 {
                failure = error
                file.warnings.append("audio track \(track + 1) does not decode: \(error.message)")
                continue
            }
            file.note(first.summary)
            stretches.append((track, first.features.busiestStretch(WideSearch.stretchFrames)))
            sumPlaces.append(features.count)
            features.append(first.features)
            let isExamined = first.channelsDiffer && effort.examinesChannels
            if tracks.count == 1 { paidChannels = isExamined ? 1 + channels : 1 }
            guard isExamined else { continue }
            for channel in 0..<channels {
                features.append(try source.extract(track: track, part: .channel(channel)).features)
            }
        }
        if stretches.isEmpty, let failure { throw failure }
        try policy.requireLongEnough(decodedSeconds: file.seconds, path: source.recording.path)
    }

    // MARK: Comparing

    /// Stretches of 6.5 minutes that are compared at most where not all are.
    private static let stretchLimit = 4

    /// A stretch of one part.
    struct StretchRange: Equatable {
        var part: Int
        var segments: Range<Int>
    }

    /// What is compared with meetings: all of the recording up to 26 minutes, of longer ones four stretches that are spread over it,
    /// unless `isComplete`.
    func stretchRanges(isComplete: Bool) -> [StretchRange] {
        features.indices.flatMap { part in
            RecordingParts.ranges(
                segments: features[part].frames / PilotCorrelator.segmentFrames, isComplete: isComplete
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

extension Examination {
    /// Takes over what the decoder says of a track.
    mutating func note(_ summary: DecodeSummary) {
        seconds = max(seconds, summary.seconds)
        corruptPackets += summary.corruptPackets
        isTruncated = isTruncated || summary.isTruncated
        for warning in summary.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }
}

extension ChannelFeatures {
    /// Looks for a change of speed, tempo or pitch where nobody was found without.
    func searchWide(_ run: inout DetectionRun, effort: Effort, track: Int, from frame: Int) throws {
        guard run.isWeak, effort.warps > 0 else { return }
        var search = run.wideSearch()
        try feed(&search, track: track, from: frame)
        for finding in search.run(limit: effort.warps) {
            let warped = try extract(track: track, part: .sum, pitch: finding.warp.pitch)
            run.add(warped.features.resampled(rate: finding.warp.rate), warp: finding.warp)
        }
    }
}
