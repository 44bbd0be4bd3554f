internal import EarmarkDSP
public import EarmarkDetect
internal import EarmarkFFTW
public import EarmarkMark
public import EarmarkMedia

/// What was found in one file: its description and the detector's answer.
public struct Examination: Sendable {
    /// Kind of file, by its content.
    public var container: RecordingContainer
    /// Size in bytes.
    public var byteCount: Int64
    /// SHA-256, hexadecimal.
    public var sha256: String
    /// Audio tracks, all of which were examined.
    public var tracks: [AudioTrack]
    /// Decoded seconds of the longest track.
    public var seconds: Double
    /// Packets that did not decode, all tracks together.
    public var corruptPackets: Int
    /// Whether the file ends before what it promises.
    public var isTruncated: Bool
    /// What the reader should know about the file, in sentences.
    public var warnings: [String]
    /// What the detector found.
    public var detection: Detection
    /// Share of the recording that was found in the reference; nil without one.
    public var referenceCoverage: Double?
}

/// How hard to look; what is tried is paid for in the bound, whether it finds anything or not.
public enum Effort: String, Sendable, Codable, CaseIterable {
    /// The sum of the channels, one track, nominal speed.
    case fast
    /// Every channel that differs, six tracks each, for several copies mixed; then a place found without the pilot, and the likeliest
    /// change of speed, tempo or pitch.
    case normal
    /// Every channel that differs, twelve tracks each; then three places without the pilot, every frame without pilot and timeline (a
    /// minute of CPU for a thousand candidates), and the four likeliest changes.
    case exhaustive

    /// Alignments on every channel: paths for copies with other delays, lines for marks too weak for paths.
    var breadth: SearchBreadth {
        switch self {
        case .fast: SearchBreadth(tracks: 1, lines: 3)
        case .normal: SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128)
        case .exhaustive: SearchBreadth(tracks: 12, lines: 24, pilotless: 3, times: 512, triesEveryFrame: true)
        }
    }

    var examinesChannels: Bool { self != .fast }

    /// Warps (changes of speed, tempo or pitch) that are followed up when nobody is found without.
    var warps: Int {
        switch self {
        case .fast: 0
        case .normal: 1
        case .exhaustive: 4
        }
    }
}

/// Examines recordings for one meeting's mark.
///
/// Holds the meeting's seeds. Immutable; several threads may examine different files at once.
public struct Examiner: Sendable {
    private let detector: Detector
    private let policy: RecordingPolicy
    private let effort: Effort
    private let reference: MeetingReference?
    private let scope: SearchScope?
    private let worker: DecoderWorker?

    /// Prepares a meeting's examiner.
    ///
    /// - Parameters:
    ///   - shared: the meeting's shared seeds.
    ///   - candidates: identity seeds of all who may be named; results refer to them by index.
    ///   - log10Threshold: corrected bound that an accusation must meet.
    ///   - policy: limits on files.
    ///   - effort: how hard to look.
    ///   - expectedSeconds: length of the meeting as planned, if known: where evidence is weak, times within it are tried first.
    ///   - reference: a clean recording of the meeting; every track is then examined twice, as it is and without what the
    ///     reference foretells.
    ///   - paidCandidates: how many candidates the bound pays for, if more than are given.
    ///   - worker: the process that decodes; without it, this one does.
    public init(
        shared: SharedSeeds, candidates: [Seed], log10Threshold: Double, policy: RecordingPolicy,
        effort: Effort = .normal, expectedSeconds: Double? = nil, reference: MeetingReference? = nil, paidCandidates: Int? = nil,
        worker: DecoderWorker? = nil
    ) {
        self.worker = worker
        self.reference = reference
        scope = paidCandidates.map { SearchScope(meetings: 1, candidates: $0) }
        detector = Detector(
            shared: shared, candidates: candidates, log10Threshold: log10Threshold,
            breadth: effort.breadth, expectedSeconds: expectedSeconds,
            transforms: FFTWProvider())
        self.policy = policy
        self.effort = effort
    }

    /// Decodes and analyses the file at `path`.
    ///
    /// Memory grows by 7 MB an hour of recording, to about 143 MB for nine hours with a `DecoderWorker`, 170 MB without, and not with the
    /// file's size.
    ///
    /// `progress` is called from this thread with the seconds decoded so far, pass by pass.
    /// - Throws: `MediaError` if the file is refused.
    public func examine(path: String, progress: (@Sendable (Double) -> Void)? = nil) throws -> Examination {
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = ChannelFeatures(recording: recording, transforms: FFTWProvider(), progress: progress)
        var answer = Examination(
            container: recording.container, byteCount: recording.byteCount, sha256: "", tracks: recording.tracks,
            seconds: 0, corruptPackets: 0, isTruncated: false, warnings: [],
            detection: detector.begin(channelCount: 1).finish())
        if recording.tracks.count == 1 {
            try examineSingle(recording, source, &answer)
        } else {
            try examineSeveral(recording, source, &answer)
        }
        answer.sha256 = try FileDigest.sha256(recording)
        return answer
    }

    /// Scores `decoys` made-up identities, drawn from `state`, on the file's first track: the empirical side of the bound.
    ///
    /// - Throws: `MediaError` if the file is refused.
    public func decoyTail(
        path: String, decoys: Int, state: UInt64, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> DecoyTail {
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = ChannelFeatures(recording: recording, transforms: FFTWProvider(), progress: progress)
        let first = try source.extract(track: 0, part: .sum)
        try policy.requireLongEnough(decodedSeconds: first.summary.seconds, path: path)
        return detector.begin(channelCount: 1).decoyTail(first.features, count: decoys, state: state)
    }

    /// One track: the features of the first pass are kept while it is decided how many channels to look at.
    private func examineSingle(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ answer: inout Examination
    ) throws {
        var first = try source.extract(track: 0, part: .sum)
        answer.note(first.summary)
        try policy.requireLongEnough(decodedSeconds: answer.seconds, path: recording.path)
        let channels = first.channelsDiffer && effort.examinesChannels ? recording.tracks[0].deliveredChannels : 0
        let stretch = first.features.busiestStretch(WideSearch.stretchFrames)
        var run = detector.begin(
            channelCount: 1 + channels + (reference == nil ? 0 : 1), warpCount: effort.warps, scope: scope)
        run.add(first.features)
        try addWithoutHost(first.features, track: 0, source, &run, &answer)
        run.addWithoutPilot(first.features)
        first.features = .init()
        for channel in 0..<channels { run.add(try source.extract(track: 0, part: .channel(channel)).features) }
        try source.searchWide(&run, effort: effort, track: 0, from: stretch)
        answer.detection = run.finish()
    }

    /// Examines a track's sum once more, without what the reference foretells of it.
    private func addWithoutHost(
        _ features: FeatureMatrix, track: Int, _ source: ChannelFeatures, _ run: inout DetectionRun,
        _ answer: inout Examination
    ) throws {
        guard let reference else { return }
        answer.referenceCoverage = answer.referenceCoverage ?? 0
        guard let host = reference.track(features) else { return }
        answer.referenceCoverage = max(answer.referenceCoverage ?? 0, host.coverage)
        run.add(try source.extract(track: track, part: .sum, host: host).features)
    }

    /// Several tracks: every channel and every sum is paid for, whether it turns out to be worth a pass or not.
    private func examineSeveral(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ answer: inout Examination
    ) throws {
        let parts = recording.tracks.reduce(0) { $0 + ($1.channels > 1 ? 1 + $1.deliveredChannels : 1) }
        let references = reference == nil ? 0 : recording.tracks.count
        var run = detector.begin(
            channelCount: parts + references, warpCount: effort.warps * recording.tracks.count, scope: scope)
        var stretches: [(track: Int, frame: Int)] = []
        var failure: MediaError?
        for track in recording.tracks.indices {
            var first: ChannelFeatures.Result
            do {
                first = try source.extract(track: track, part: .sum)
            } catch let error as MediaError where error.code == .corrupt {
                failure = error
                answer.warnings.append("audio track \(track + 1) does not decode: \(error.message)")
                continue
            }
            answer.note(first.summary)
            stretches.append((track, first.features.busiestStretch(WideSearch.stretchFrames)))
            run.add(first.features)
            try addWithoutHost(first.features, track: track, source, &run, &answer)
            run.addWithoutPilot(first.features)
            first.features = .init()
            guard first.channelsDiffer, effort.examinesChannels else { continue }
            for channel in 0..<recording.tracks[track].deliveredChannels {
                run.add(try source.extract(track: track, part: .channel(channel)).features)
            }
        }
        if stretches.isEmpty, let failure { throw failure }
        try policy.requireLongEnough(decodedSeconds: answer.seconds, path: recording.path)
        for stretch in stretches {
            try source.searchWide(&run, effort: effort, track: stretch.track, from: stretch.frame)
        }
        answer.detection = run.finish()
    }
}
