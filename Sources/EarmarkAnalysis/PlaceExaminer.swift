internal import CMath
public import EarmarkAnswer
public import EarmarkDetect
internal import EarmarkFFTW
public import EarmarkMark
public import EarmarkMedia

/// Computes a named client's evidence again, from the recording, the meeting's shared seeds and that client's seed.
///
/// No store and no other client's seed is needed. The alignment is looked for anew by pilot and timeline alone, so that
/// one which was chosen by the client's signs does not pass.
public struct PlaceExaminer: Sendable {
    /// What was claimed of a recording.
    public struct Claim: Sendable {
        /// Where the evidence is said to be.
        public var place: SourcePlace
        /// What is said to have been tried.
        public var tested: Answer.Tested
        /// Meetings that were searched; 1 where it was known.
        public var meetings: Int
        /// Planned length of the meeting, seconds.
        public var expectedSeconds: Double
        /// Seeds of the sources that are taken out before, strongest first.
        public var beside: [Seed]
        /// Whether a second look with the help of a reference was paid for, too.
        public var usesReference: Bool
        /// When in the meeting the recording was stated to have been played; nil if nothing was.
        public var window: MeetingWindow?

        /// Bundles the parts.
        public init(
            place: SourcePlace, tested: Answer.Tested, meetings: Int, expectedSeconds: Double, beside: [Seed] = [],
            usesReference: Bool = false, window: MeetingWindow? = nil
        ) {
            self.window = window
            self.beside = beside
            self.usesReference = usesReference
            self.place = place
            self.tested = tested
            self.meetings = meetings
            self.expectedSeconds = expectedSeconds
        }
    }

    /// What was found.
    public struct Result: Sendable, Equatable {
        /// SHA-256 of the recording, hexadecimal.
        public var sha256: String
        /// The client's score at the alignment that was found again, standard deviations; nil if none was.
        public var z: Double?
        /// log10 of the bound on it, with what this program pays for a file such as this one.
        public var log10Bound: Double?
        /// Place at which pilot and timeline show that alignment; nil if they do not.
        public var place: Int?
        /// How many such places are paid for.
        public var places: Int
        /// Evidence that the first source on the likeliest alignment needs.
        public var requiredZ: Double
        /// The same on the last alignment.
        public var mostRequiredZ: Double
        /// Size of the recording.
        public var byteCount: Int64
        /// Largest difference between what dipoles are said to count and what pilot and timeline teach, relative to
        /// the mean.
        public var weightError: Double
        /// What is paid for such a file: alignments, further times, placements.
        public var paid: [Int]
    }

    /// The first round of naming pays double.
    private static let log10FirstRound = log10(2.0)

    private let shared: SharedSeeds
    private let seed: Seed
    private let worker: DecoderWorker?

    /// Takes the meeting's shared seeds and one client's.
    ///
    /// - Parameters:
    ///   - shared: the meeting's shared seeds.
    ///   - seed: the client's own.
    ///   - worker: the process that decodes; without it, this one does.
    public init(shared: SharedSeeds, seed: Seed, worker: DecoderWorker? = nil) {
        self.shared = shared
        self.seed = seed
        self.worker = worker
    }

    /// SHA-256 of the recording alone, hexadecimal.
    ///
    /// - Throws: `MediaError` if it cannot be read.
    public static func sha256(of path: String) throws -> String { try FileDigest.sha256(path: path) }

    /// Decodes the file at `path` and computes what is claimed; nil if it has no such track or channel, or the effort
    /// is unknown.
    ///
    /// - Throws: `MediaError` if the file is refused.
    public func examine(_ path: String, _ claim: Claim) throws -> Result? {
        let place = claim.place
        let policy = RecordingPolicy(maximumBytes: .max, minimumSeconds: 0)
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let tracks = 0..<recording.inOnePiece(recording.tracks.count)
        guard let effort = Effort(rawValue: claim.tested.effort), tracks.contains(place.track) else { return nil }
        let source = ChannelFeatures(
            recording: recording, transforms: FFTWProvider(), deadline: policy.deadline(path: path), progress: nil)
        var plan = ExaminationPlan(tracks: recording.tracks, effort: effort, usesReference: claim.usesReference)
        let count = recording.tracks.count
        // In one piece only what an analysis takes so: a lone track that is full of holes.
        guard try place.track < count || count == 1 && source.extract(track: 0).summary.isFullOfHoles else {
            return nil
        }
        let first = try source.extract(track: place.track)
        plan.settle(channelsDiffer: first.channelsDiffer, frames: first.features.frames)
        if place.track >= count || first.summary.isFullOfHoles { plan.repeatInOnePiece() }
        let scope = SearchScope(meetings: max(1, claim.meetings), candidates: claim.tested.candidates)
        let budget = plan.budget(
            expectedSeconds: claim.expectedSeconds, scope: scope, window: claim.window,
            otherShares: claim.tested.shares == nil ? 0 : Triage.shares)
        guard let features = try features(place, first, source) else { return nil }
        let detector = Detector(
            shared: shared, candidates: [seed], log10Threshold: claim.tested.log10Threshold,
            expectedSeconds: claim.expectedSeconds, transforms: FFTWProvider())
        let run = detector.begin(budget)
        let empty = run.finish()
        let trials = trials(place.way, run, features)
        let match = trials.first { $0.alignment.shows(place.pieces) }
        let scorer = SourceScorer(
            plan: CellPlan(pilotSeed: shared.pilot), price: EvidencePrice(empty),
            log10Threshold: claim.tested.log10Threshold)
        // What is claimed is compared only: pieces and weights within the tolerance could be fitted to the client.
        let found = match.flatMap { scorer.score(seed, beside: claim.beside, $0, features) }
        // All who are taken out, and in this order: they are stronger, and their own bounds meet the threshold.
        let isInOrder = found?.removed == Array(claim.beside.indices)
        let required = [empty.log10Tests, empty.log10MostTests].map {
            RademacherBound.requiredZ(
                log10Threshold: claim.tested.log10Threshold, log10Hypotheses: $0 + Self.log10FirstRound)
        }
        return Result(
            sha256: try FileDigest.sha256(recording), z: isInOrder ? found?.z : nil,
            log10Bound: isInOrder ? found?.log10Bound : nil, place: match?.place,
            places: EvidencePrice(empty).count(place.way), requiredZ: required[0], mostRequiredZ: required[1],
            byteCount: recording.byteCount,
            weightError: match.map { $0.alignment.weightError(place.weights) } ?? .infinity,
            paid: [empty.hypotheses, empty.times, empty.placements]
                + (claim.tested.shares == nil ? [] : [empty.shares]))
    }

    /// What is tried in the way that is claimed, found anew.
    func trials(
        _ way: SourcePlace.Way?, _ run: borrowing DetectionRun, _ features: FeatureMatrix
    ) -> [Trial] {
        switch way {
        case nil: Trial.list(run.locate(features).alignments, nil)
        case .time: Trial.list(run.times(run.locate(features), features), .time)
        case .withoutPilot:
            Trial.list(run.alignmentsWithoutPilot(features), .withoutPilot, from: run.firstWithoutPilot)
        case .placement:
            run.placements(features, of: seed).map { Trial(alignment: $0, way: .placement, place: 0) }
        }
    }

    private func features(
        _ place: SourcePlace, _ first: ChannelFeatures.Result, _ source: ChannelFeatures
    ) throws -> FeatureMatrix? {
        let warp = Warp(pitch: place.pitch, rate: place.rate)
        guard let channel = place.channel else {
            return warp == .none ? first.features : try source.extract(track: place.track, warp: warp)
        }
        guard (0..<source.recording.track(place.track).deliveredChannels).contains(channel) else { return nil }
        var found: FeatureMatrix?
        try source.forEachChannel(channel..<channel + 1, track: place.track, seconds: first.summary.seconds) {
            found = $0
        }
        return found
    }
}

extension Alignment {
    /// Frames by which an alignment may differ where another build of the decoder makes other samples.
    private static let tolerance = 0.5

    /// Whether the alignment has these stretches, and shows the same times in them.
    fileprivate func shows(_ pieces: [SourcePlace.Piece]) -> Bool {
        guard pieces.count == placed.count else { return false }
        return zip(placed.map(\.stored), pieces).allSatisfy { mine, theirs in
            abs(mine.from - theirs.from) <= 1 && abs(mine.to - theirs.to) <= 1
                && [mine.from, mine.to].allSatisfy {
                    abs(mine.meetingFrame(Double($0)) - theirs.meetingFrame(Double($0))) <= Self.tolerance
                }
        }
    }

    /// Largest difference of weights, relative to their mean.
    fileprivate func weightError(_ weights: [Float]) -> Double {
        guard weights.count == dipoleWeights.count else { return .infinity }
        let mean = dipoleWeights.reduce(0) { $0 + Double($1) } / Double(weights.count)
        return zip(weights, dipoleWeights).map { abs(Double($0) - Double($1)) }.max().map { $0 / mean } ?? .infinity
    }
}
