public import EarmarkAnswer
internal import EarmarkDSP
public import EarmarkDetect
internal import EarmarkFFTW
public import EarmarkMark
public import EarmarkMedia

/// Examines recordings for one meeting's mark.
///
/// Holds the meeting's seeds. Immutable; several threads may examine different files at once.
public struct Examiner: Sendable {
    let detector: Detector
    let policy: RecordingPolicy
    private let effort: Effort
    private let reference: MeetingReference?
    let scope: SearchScope?
    private let worker: DecoderWorker?
    private let findsTalkers: Bool
    let decoySeed: Seed?
    /// Whether stretches are looked at before the whole.
    private let triages: Bool
    /// Seeds of which no ticket holds all: they fix where these lie.
    let triageSecret: [Seed]
    /// Has seen nothing yet.
    private let witness: PlaceWitness

    /// Prepares a meeting's examiner.
    ///
    /// - Parameters:
    ///   - shared: the meeting's shared seeds.
    ///   - candidates: identity seeds of all who may be named; results refer to them by index.
    ///   - tags: their microphones' tags, in their order; nil for one that sends none.
    ///   - log10Threshold: corrected bound that an accusation must meet.
    ///   - policy: limits on files.
    ///   - effort: how hard to look.
    ///   - expectedSeconds: length of the meeting as planned, if known: where evidence is weak, times within it are
    ///     tried first.
    ///   - reference: a clean recording of the meeting; every track is then examined twice, as it is and without what
    ///     the reference foretells.
    ///   - paidCandidates: how many candidates the bound pays for, if more than are given.
    ///   - findsTalkers: whether to look for who talked, by their tags.
    ///   - decoySeed: a secret from which decoys are drawn where somebody is named; nil draws none.
    ///   - triages: whether stretches are looked at first, and nothing else where they show clearly who recorded; not
    ///     with a reference.
    ///   - worker: the process that decodes; without it, this one does.
    public init(
        shared: SharedSeeds, candidates: [Seed], tags: [MicrophoneTag?] = [], log10Threshold: Double,
        policy: RecordingPolicy,
        effort: Effort = .normal, expectedSeconds: Double? = nil, reference: MeetingReference? = nil,
        paidCandidates: Int? = nil, findsTalkers: Bool = false, decoySeed: Seed? = nil, triages: Bool = false,
        worker: DecoderWorker? = nil
    ) {
        self.triages = triages && reference == nil
        triageSecret = (decoySeed.map { [$0] } ?? []) + candidates
        self.worker = worker
        self.findsTalkers = findsTalkers
        self.decoySeed = decoySeed
        self.reference = reference
        scope = paidCandidates.map { SearchScope(meetings: 1, candidates: $0) }
        detector = Detector(
            shared: shared, candidates: candidates, tags: tags, log10Threshold: log10Threshold,
            expectedSeconds: expectedSeconds, transforms: FFTWProvider())
        witness = PlaceWitness(shared: shared, candidates: candidates, log10Threshold: log10Threshold)
        self.policy = policy
        self.effort = effort
    }

    /// Decodes and analyses the file at `path`.
    ///
    /// Memory grows by 7 MB an hour of recording, to about 143 MB for nine hours with a `DecoderWorker`, 170 MB
    /// without, and not with the file's size.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - window: when in the meeting its beginning is stated to have been played, which is tried first; nil where
    ///     nothing is stated.
    ///   - progress: called from this thread with the seconds decoded so far and those that the file claims to have,
    ///     pass by pass.
    /// - Throws: `MediaError` if the file is refused; `SearchBudget.Overrun` where a defect of this program would test
    ///   what nobody paid for.
    public func examine(
        path: String, window: MeetingWindow? = nil, progress: (@Sendable (Double, Double?) -> Void)? = nil
    ) throws -> Examination {
        let deadline = policy.deadline(path: path)
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = source(recording, deadline, progress)
        var places: [Int: PlaceMap] = [:]
        var answer = Examination(recording, detection: detector.begin(SearchBudget(channels: 1)).finish())
        if triages { try triage(recording, source, plan(recording), window, &answer) }
        if answer.triage?.isAnswer ?? false {
            answer.sha256 = try FileDigest.sha256(recording)
            return answer
        }
        if recording.tracks.count == 1 {
            try examineSingle(recording, source, window, &answer, &places)
        } else {
            try examineSeveral(recording, source, window, &answer, &places)
        }
        answer.detection.place(places)
        answer.detection.joinTracks(recording.tracks.count)
        answer.sha256 = try FileDigest.sha256(recording)
        return answer
    }

    /// Scores `decoys` made-up identities, drawn from `state`, on the file's first track: the empirical side of the
    /// bound.
    ///
    /// - Throws: `MediaError` if the file is refused.
    public func decoyTail(
        path: String, decoys: Int, state: UInt64, progress: (@Sendable (Double, Double?) -> Void)? = nil
    ) throws -> DecoyTail {
        let deadline = policy.deadline(path: path)
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = source(recording, deadline, progress)
        let first = try source.extract(track: 0)
        try policy.requireLongEnough(decodedSeconds: first.summary.seconds, path: path)
        return detector.begin(SearchBudget(channels: 1, breadth: effort.breadth)).decoyTail(
            first.features, count: decoys, state: state)
    }

    private func source(
        _ recording: RecordingDecoder, _ deadline: AnalysisDeadline,
        _ progress: (@Sendable (Double, Double?) -> Void)?
    ) -> ChannelFeatures {
        ChannelFeatures(
            recording: recording, transforms: FFTWProvider(), deadline: deadline, progress: progress)
    }

    /// One track: the features of the first pass are kept while it is decided how many channels to look at.
    private func examineSingle(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ window: MeetingWindow?,
        _ answer: inout Examination, _ places: inout [Int: PlaceMap]
    ) throws {
        var first = try source.extract(track: 0)
        answer.note(first.summary)
        places[0] = first.summary.places
        try answer.requireLongEnough(recording, policy)
        var plan = plan(recording)
        plan.settle(channelsDiffer: first.channelsDiffer, frames: first.features.frames)
        if plan.omitsChannels(channelsDiffer: first.channelsDiffer) { answer.omitChannels(of: recording.tracks[0]) }
        let stretches = BusyStretches(first.features)
        let summary = first.summary
        if summary.isFullOfHoles { plan.repeatInOnePiece() }
        var run = begin(plan, window, after: answer.triage)
        var witness = witness
        try add(&first, track: 0, plan, source, &run, &witness, &answer)
        if summary.isFullOfHoles {
            let again = recording.inOnePiece(0)
            var whole = try source.extract(track: again)
            answer.noteOnePiece(summary)
            places[again] = whole.summary.places
            let busy = BusyStretches(whole.features)
            try add(&whole, track: again, plan, source, &run, &witness, &answer)
            try source.searchWide(&run, &witness, plan, track: again, in: busy)
        }
        try source.searchWide(&run, &witness, plan, track: 0, in: stretches)
        answer.detection = run.finish()
        answer.places = witness.places
    }

    /// Several tracks, of which not every one needs to decode.
    private func examineSeveral(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ window: MeetingWindow?,
        _ answer: inout Examination, _ places: inout [Int: PlaceMap]
    ) throws {
        let plan = plan(recording)
        var run = begin(plan, window, after: answer.triage)
        var witness = witness
        var stretches: [(track: Int, busy: BusyStretches)] = []
        var failure: MediaError?
        for track in recording.tracks.indices {
            var first: ChannelFeatures.Result
            do {
                first = try source.extract(track: track)
            } catch let error as MediaError where error.code == .corrupt {
                failure = error
                answer.omit(recording.tracks[track], error)
                continue
            }
            answer.note(first.summary)
            answer.omitPieces(of: recording.tracks[track], first.summary)
            places[track] = first.summary.places
            if plan.omitsChannels(channelsDiffer: first.channelsDiffer) {
                answer.omitChannels(of: recording.tracks[track])
            }
            stretches.append((track, BusyStretches(first.features)))
            try add(&first, track: track, plan, source, &run, &witness, &answer)
        }
        if stretches.isEmpty, let failure { throw failure }
        try answer.requireLongEnough(recording, policy)
        for stretch in stretches {
            try source.searchWide(&run, &witness, plan, track: stretch.track, in: stretch.busy)
        }
        answer.detection = run.finish()
        answer.places = witness.places
    }

    private func plan(_ recording: RecordingDecoder) -> ExaminationPlan {
        ExaminationPlan(tracks: recording.tracks, effort: effort, usesReference: reference != nil)
    }

    private func begin(_ plan: ExaminationPlan, _ window: MeetingWindow?, after triage: Triage?) -> DetectionRun {
        var run = detector.begin(
            plan.budget(
                expectedSeconds: detector.expectedSeconds, scope: scope, window: window,
                otherShares: triage == nil ? 0 : Triage.shares))
        run.findsTalkers = findsTalkers
        run.decoySeed = decoySeed
        return run
    }

    /// Searches a track's sum, the sum without what the reference foretells of it, and the channels; drops the features
    /// of `first`.
    private func add(
        _ first: inout ChannelFeatures.Result, track: Int, _ plan: ExaminationPlan, _ source: ChannelFeatures,
        _ run: inout DetectionRun, _ witness: inout PlaceWitness, _ answer: inout Examination
    ) throws {
        try witness.add(first.features, to: &run)
        try source.deadline.check()
        try addWithoutHost(first.features, track: track, source, &run, &witness, &answer)
        try witness.addWithoutPilot(first.features, to: &run)
        first.features = .init()
        let channels = plan.examined(track: track, channelsDiffer: first.channelsDiffer)
        var channel = channels.lowerBound
        try source.forEachChannel(channels, track: track, seconds: first.summary.seconds) {
            try witness.add($0, channel: channel, to: &run)
            channel += 1
        }
    }

    /// Examines a track's sum once more, without what the reference foretells of it.
    private func addWithoutHost(
        _ features: FeatureMatrix, track: Int, _ source: ChannelFeatures, _ run: inout DetectionRun,
        _ witness: inout PlaceWitness, _ answer: inout Examination
    ) throws {
        guard let reference else { return }
        answer.referenceCoverage = answer.referenceCoverage ?? 0
        guard let host = reference.track(features) else { return }
        answer.referenceCoverage = max(answer.referenceCoverage ?? 0, host.coverage)
        try witness.addWithoutHost(try source.extract(track: track, host: host).features, to: &run)
    }
}
