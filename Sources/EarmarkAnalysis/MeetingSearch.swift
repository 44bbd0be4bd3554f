public import EarmarkAnswer
internal import EarmarkDSP
internal import EarmarkDetect
internal import EarmarkFFTW
public import EarmarkMark
public import EarmarkMedia

/// Finds out which of many meetings a recording is of, and who recorded it.
///
/// All meetings are compared with the recording by their pilots, which takes about a millisecond for two minutes; the
/// few that match best are examined as `Examiner` examines one. The bound pays for the candidates of all. Holds seeds.
/// Immutable; several threads may search for different files at once.
public struct MeetingSearch: Sendable {
    /// One meeting's candidates, in the order in which results refer to them.
    public struct Entry: Sendable {
        /// Identity seeds of all who may be named.
        public var candidates: [Seed]
        /// Their microphones' tags, in their order; nil for one that sends none.
        public var tags: [MicrophoneTag?]
        /// Planned length in seconds.
        public var expectedSeconds: Double?
        /// A secret from which decoys are drawn where somebody is named; nil draws none.
        public var decoySeed: Seed?

        /// Bundles the parts.
        public init(
            candidates: [Seed], tags: [MicrophoneTag?] = [], expectedSeconds: Double?, decoySeed: Seed? = nil
        ) {
            self.decoySeed = decoySeed
            self.candidates = candidates
            self.tags = tags
            self.expectedSeconds = expectedSeconds
        }
    }

    /// A meeting that the recording shows.
    public struct Match: Sendable {
        /// Index of the meeting.
        public var meeting: Int
        /// The file, and what was found of this meeting.
        public var examination: Examination
    }

    /// What came of one file.
    public struct Result: Sendable {
        /// Meetings whose mark is proven present, the strongest evidence first.
        public var matches: [Match]
        /// The file, and the evidence for the meeting that came nearest, without anybody's score.
        public var nearest: Examination
    }

    /// What a search is doing, for a progress display.
    public enum Stage: Sendable, Equatable {
        /// Seconds decoded so far, and those that the file claims to have, if it does; anew with each pass.
        case decoding(Double, of: Double?)
        /// Meetings compared so far.
        case comparing(Int)
    }

    private let pilots: [SharedSeeds]
    private let scope: SearchScope
    private let log10Threshold: Double
    private let policy: RecordingPolicy
    private let effort: Effort
    private let worker: DecoderWorker?

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - meetings: shared seeds of every meeting that is searched.
    ///   - candidates: how many clients of all these meetings may be named; all are paid for.
    ///   - log10Threshold: corrected bound that an accusation must meet.
    ///   - policy: limits on files.
    ///   - effort: how hard to look.
    ///   - worker: the process that decodes; without it, this one does.
    public init(
        meetings: [SharedSeeds], candidates: Int, log10Threshold: Double, policy: RecordingPolicy,
        effort: Effort = .normal, worker: DecoderWorker? = nil
    ) {
        self.worker = worker
        pilots = meetings
        scope = SearchScope(meetings: meetings.count, candidates: candidates)
        self.log10Threshold = log10Threshold
        self.policy = policy
        self.effort = effort
    }

    /// Decodes the file at `path` and searches it.
    ///
    /// Memory grows by 6 MB for every hour of a channel that is examined.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - open: the candidates of a meeting, asked for the few that match best.
    ///   - progress: called from this thread.
    /// - Throws: `MediaError` if the file is refused, what `open` throws, and `SearchBudget.Overrun` where a defect of
    ///   this program would test what nobody paid for.
    public func run(
        path: String, open: (Int) throws -> Entry, progress: (@Sendable (Stage) -> Void)? = nil
    ) throws -> Result {
        let deadline = policy.deadline(path: path)
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = ChannelFeatures(
            recording: recording, transforms: FFTWProvider(), deadline: deadline,
            progress: progress.map { report in { @Sendable in report(.decoding($0, of: $1)) } })
        var file = Examination(recording, detection: emptyDetection)
        let parts = try RecordingParts(source, effort: effort, policy: policy, file: &file)
        file.sha256 = try FileDigest.sha256(recording)
        var result = Result(matches: [], nearest: file)
        for (meeting, found, named) in try examine(try shortList(parts, source, progress), open, parts, source) {
            var detection = found
            detection.place(parts.places)
            detection.joinTracks(recording.tracks.count)
            var examination = file
            examination.detection = detection
            examination.places = named
            if !detection.sources.isEmpty || detection.log10Presence <= log10Threshold {
                result.matches.append(Match(meeting: meeting, examination: examination))
            }
            if detection.log10Presence < result.nearest.detection.log10Presence
                || result.nearest.detection.expectation == .none
            {
                result.nearest = examination
            }
        }
        result.matches.sort { $0.examination.detection.rank > $1.examination.detection.rank }
        result.nearest.detection.sources = []
        result.nearest.detection.decoys = nil
        result.nearest.places = [:]
        return result
    }

    /// What is known of a recording before any meeting was examined.
    private var emptyDetection: Detection {
        Detection(
            sources: [], log10Presence: 0, pilotScore: 0, pilotLevel: nil, expectation: .none, hypotheses: 1,
            candidates: scope.candidates, meetings: scope.meetings)
    }

    /// A run among others: it cannot be copied.
    private final class Run {
        var value: DetectionRun
        var witness: PlaceWitness

        init(_ value: consuming DetectionRun, _ witness: PlaceWitness) {
            self.value = value
            self.witness = witness
        }
    }

    /// The meetings that match best: everything that `Examiner` does, paid for as one of all.
    ///
    /// One after the other; where features must be decoded again, all at once, so that it happens once for each part.
    private func examine(
        _ meetings: [Int], _ open: (Int) throws -> Entry, _ parts: RecordingParts, _ source: ChannelFeatures
    ) throws -> [(meeting: Int, detection: Detection, places: [Int: SourcePlace])] {
        var found: [(meeting: Int, detection: Detection, places: [Int: SourcePlace])] = []
        let step = parts.areHeld ? 1 : max(1, meetings.count)
        for start in stride(from: 0, to: meetings.count, by: step) {
            let group = meetings[start..<min(meetings.count, start + step)]
            let runs = try group.map { try begin(try open($0), meeting: $0, parts) }
            for part in 0..<parts.count {
                let features = try parts.features(part, source)
                for run in runs {
                    try source.deadline.check()
                    try run.witness.add(features, channel: parts.channel(part), to: &run.value)
                }
            }
            let unsure = runs.indices.filter { runs[$0].value.isHeard && runs[$0].value.isWeak }
            for part in parts.sums where !unsure.isEmpty {
                let features = try parts.features(part, source)
                for index in unsure {
                    try runs[index].witness.addWithoutPilot(features, to: &runs[index].value)
                }
            }
            for index in unsure {
                for stretch in parts.stretches {
                    try source.searchWide(
                        &runs[index].value, &runs[index].witness, parts.plan, track: stretch.track,
                        in: stretch.busy)
                }
            }
            found += zip(group, runs).map { ($0, $1.value.finish(), $1.witness.places) }
        }
        return found
    }

    private func begin(_ entry: Entry, meeting: Int, _ parts: RecordingParts) throws -> Run {
        let detector = Detector(
            shared: pilots[meeting], candidates: entry.candidates, tags: entry.tags, log10Threshold: log10Threshold,
            expectedSeconds: entry.expectedSeconds, transforms: FFTWProvider())
        var run = detector.begin(parts.plan.budget(expectedSeconds: entry.expectedSeconds, scope: scope))
        run.decoySeed = entry.decoySeed
        return Run(
            run,
            PlaceWitness(shared: pilots[meeting], candidates: entry.candidates, log10Threshold: log10Threshold))
    }

    // MARK: Comparing

    /// Meetings that are examined because a straight line through the recording shows their pilot.
    static let keptByLine = 64
    /// Meetings that are examined, further, because a path does.
    static let keptByPath = 16
    /// Stretches whose spectra are held at a time, 5.5 MB each.
    private static let heldStretches = 8
    /// Meetings between two reports of progress.
    private static let reportStep = 50

    /// The meetings whose pilots the recording shows best, the most promising first.
    ///
    /// Nothing but pilots is compared, so every other sign stays as fair as it was (docs/statistics.md, section 5a).
    private func shortList(
        _ parts: RecordingParts, _ source: ChannelFeatures, _ progress: (@Sendable (Stage) -> Void)?
    ) throws -> [Int] {
        let ranges = parts.stretchRanges(isComplete: effort == .exhaustive)
        var scores = [PilotScreen.Score](repeating: .init(), count: pilots.count)
        let groups = max(1, (ranges.count + MeetingSearch.heldStretches - 1) / MeetingSearch.heldStretches)
        for group in 0..<groups {
            let stretches = try ranges[ranges.count * group / groups..<ranges.count * (group + 1) / groups].map {
                PilotScreen.stretch(
                    of: try parts.features($0.part, source), segments: $0.segments, transforms: FFTWProvider())
            }
            var screen = PilotScreen(stretches: stretches, transforms: FFTWProvider())
            for meeting in pilots.indices {
                scores[meeting] = scores[meeting].best(screen.score(pilotSeed: pilots[meeting].pilot))
                if meeting % MeetingSearch.reportStep == 0 {
                    progress?(.comparing((group * pilots.count + meeting) / groups))
                }
            }
        }
        return MeetingSearch.best(scores)
    }

    /// Indices of the best by line, then those of the best by path.
    static func best(_ scores: [PilotScreen.Score]) -> [Int] {
        let byLine = scores.indices.sorted { (scores[$1].line, $0) < (scores[$0].line, $1) }.prefix(keptByLine)
        let known = Set(byLine)
        let byPath = scores.indices.filter { !known.contains($0) }
            .sorted { (scores[$1].path, $0) < (scores[$0].path, $1) }
        return Array(byLine) + Array(byPath.prefix(keptByPath))
    }
}

extension Detection {
    /// What orders matches: who is named most surely, then whose meeting is.
    fileprivate var rank: Double { sources.first.map { 1_000 + $0.z } ?? -log10Presence }
}
