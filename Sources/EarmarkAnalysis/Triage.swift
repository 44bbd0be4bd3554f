internal import EarmarkAnswer
internal import EarmarkDetect
internal import EarmarkMedia

/// What a few stretches of a recording showed before anything else of it was read.
///
/// They are hypotheses like all others: each is a channel of a search as `fast` has it, and all of them together have
/// one of the shares into which the threshold is divided (docs/statistics.md, section 4).
public struct Triage: Sendable, Equatable {
    /// A stretch that was read.
    public struct Stretch: Sendable, Equatable {
        /// The track, as the file numbers them.
        public var track: Int
        /// Where it stands in what a player shows, seconds.
        public var recording: Range<Double>
        /// Seconds of audio that were decoded for it.
        public var seconds: Double
    }

    /// The stretches, track by track.
    public var stretches: [Stretch]
    /// Whether they showed clearly who recorded, so that nothing else was read.
    public var isAnswer: Bool

    /// Seconds of audio that were read.
    public var seconds: Double { stretches.reduce(0) { $0 + $1.seconds } }

    /// Shares of the threshold that the stretches have together.
    static let shares = 1
    /// Stretches of each track, one in each of as many equal parts of it.
    static let stretchesPerTrack = 4
    /// Length of a stretch, seconds: a copy of what an endpoint played shows five times what is needed to name it, and
    /// what its microphone's tag would show, too.
    static let stretchSeconds = 90.0
    /// A recording of less is read nearly as fast as its stretches, seconds.
    static let leastSeconds = 1_200.0
    /// Stretches that must each show clearly who recorded: one alone may be all that somebody put there.
    static let leastClear = 2
    /// Two of them begin at least so far from one another, seconds: a quarter of the shortest recording.
    static let leastApart = 300.0
    /// Tracks that are looked at; a recording has one, a film with languages a few.
    static let mostTracks = 4

    /// Why there is none of a file, in half a sentence; nil if there is one.
    ///
    /// Recordings must last longer than `minimumSeconds`.
    static func problem(_ recording: RecordingDecoder, minimumSeconds: Double) -> String? {
        guard recording.tracks.count <= mostTracks else { return "it has more than \(mostTracks) tracks" }
        var proven = Double(leastClear) * stretchSeconds
        for track in recording.tracks {
            if let problem = recording.stretchProblem(track: track.index) { return problem }
            if track.seekableSeconds ?? 0 < leastSeconds {
                return "less than \(Int(leastSeconds / 60)) minutes are read nearly as fast as a few stretches"
            }
            proven = max(proven, recording.provenSeconds(track: track.index))
        }
        guard proven > minimumSeconds else {
            return "whether it is as long as the organisation asks is known once it is decoded"
        }
        return nil
    }
}

extension Examiner {
    /// Looks at stretches of every track, round by round, until some that lie far from one another show clearly who
    /// recorded, or one shows anything else.
    ///
    /// `answer` takes what they showed; else that they were looked at, or why they were not.
    func triage(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ plan: ExaminationPlan, _ window: MeetingWindow?,
        _ answer: inout Examination
    ) throws {
        // A stretch would have a window of its own.
        var problem =
            window == nil
            ? Triage.problem(recording, minimumSeconds: policy.minimumSeconds) : "when it was played is stated"
        let paid = plan.budget(expectedSeconds: detector.expectedSeconds, scope: scope)
        let budget = SearchBudget(
            channels: recording.tracks.count * Triage.stretchesPerTrack, breadth: Effort.fast.breadth, scope: scope,
            otherShares: paid.ownShares)
        let warnings = answer.warnings
        var triage = Triage(stretches: [], isAnswer: false)
        var shown = TriageAgreement(log10Threshold: detector.log10Threshold)
        let file = problem == nil ? try FileDigest.sha256(recording) : ""
        let lots = recording.tracks.map { TriageLot(secret: triageSecret, file: file, track: $0) }
        for index in 0..<Triage.stretchesPerTrack where problem == nil && !shown.isAgreed {
            // All tracks of a round: what one of them shows may speak against another.
            for (track, lot) in zip(recording.tracks, lots) where problem == nil && !shown.isBroken {
                let stretch = lot.stretches[index]
                guard let read = try read(stretch, of: track, source) else {
                    problem = "a stretch of it could not be found, or a player shows something else there"
                    break
                }
                guard !read.channelsDiffer else {
                    // One of them may show another who recorded, whom their sum hides.
                    problem = "its channels differ, and stretches show their sum alone"
                    break
                }
                shown.take(try look(read, budget), at: stretch.start)
                triage.take(read.summary, of: track)
                answer.take(read.summary, of: track)
            }
            if shown.isBroken { break }
        }
        if problem == nil, shown.isAgreed, let found = shown.joined {
            triage.isAnswer = true
            answer.detection = found
        } else {
            answer.forgetStretches()
            answer.warnings = warnings
        }
        if let problem { answer.warnings.append("there was no triage, and all of it was read: \(problem)") }
        // What was tested is paid for, whatever became of the rest.
        answer.triage = triage.stretches.isEmpty ? nil : triage
    }

    /// A stretch, or nil where the file has none there, or none that decodes and that a player shows as it is.
    private func read(
        _ stretch: DecodeStretch, of track: AudioTrack, _ source: ChannelFeatures
    ) throws -> ChannelFeatures.Result? {
        do {
            let read = try source.extract(track: track.index, stretch: stretch)
            return read.summary.seconds >= stretch.seconds / 2 && read.summary.isPlain ? read : nil
        } catch let error as MediaError where error.code == .corrupt {
            // The whole is judged by itself.
            return nil
        }
    }

    /// What a stretch shows, which is one of the channels that `budget` pays for.
    private func look(_ read: ChannelFeatures.Result, _ budget: SearchBudget) throws -> Detection {
        var run = detector.begin(budget)
        run.decoySeed = decoySeed
        try run.add(read.features)
        var detection = run.finish()
        detection.place([read.features.track: read.summary.places])
        // A source may be tested against the content of every stretch.
        for index in detection.sources.indices { detection.sources[index].content?.pay(looks: budget.channels) }
        return detection
    }
}

extension Triage {
    /// Takes note of a stretch that was read.
    fileprivate mutating func take(_ summary: DecodeSummary, of track: AudioTrack) {
        let start = summary.places.shown(0)
        stretches.append(
            Stretch(
                track: track.position, recording: start..<max(start, summary.places.shown(summary.seconds)),
                seconds: summary.seconds))
        stretches.sort { ($0.track, $0.recording.lowerBound) < ($1.track, $1.recording.lowerBound) }
    }
}

extension DecodeSummary {
    /// Furthest that what a player shows of a stretch may be longer or shorter than what was decoded, seconds.
    private static let leastShift = 1.0

    /// Whether a player shows all of it in one go: time stamps that stretch or leave out audio claim places, and a
    /// length, that are none.
    fileprivate var isPlain: Bool {
        let shown = places.shown(seconds) - places.shown(0)
        return !isTruncated && places.skipped(of: seconds) == 0 && abs(shown - seconds) <= Self.leastShift
    }
}
