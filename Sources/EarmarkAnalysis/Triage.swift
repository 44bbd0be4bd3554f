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
    }

    /// The stretches, track by track.
    public var stretches: [Stretch]
    /// Whether they showed clearly who recorded, so that nothing else was read.
    public var isAnswer: Bool

    /// Seconds of audio that were read.
    public var seconds: Double {
        stretches.reduce(0) { $0 + $1.recording.upperBound - $1.recording.lowerBound }
    }

    /// Shares of the threshold that the stretches have together.
    static let shares = 1
    /// Stretches of each track, spread over it.
    static let stretchesPerTrack = 4
    /// Length of a stretch, seconds: a copy of what an endpoint played shows five times what is needed to name it, and
    /// what its microphone's tag would show, too.
    static let stretchSeconds = 90.0
    /// A recording of less is read nearly as fast as its stretches, seconds.
    static let leastSeconds = 1_200.0
    /// Tracks that are looked at; a recording has one, a film with languages a few.
    static let mostTracks = 4

    /// Stretches of a track of `seconds`, each in the middle of its part; the first two alone lie far apart.
    static func stretches(of seconds: Double) -> [DecodeStretch] {
        [1, 3, 0, 2].map { index in
            let middle = seconds * (Double(index) + 0.5) / Double(stretchesPerTrack)
            return DecodeStretch(start: middle - stretchSeconds / 2, seconds: stretchSeconds, total: seconds)
        }
    }

    /// Why there is none of a file, in half a sentence; nil if there is one.
    static func problem(_ recording: RecordingDecoder) -> String? {
        guard recording.tracks.count <= mostTracks else { return "it has more than \(mostTracks) tracks" }
        for track in recording.tracks {
            if let problem = recording.stretchProblem(track: track.index) { return problem }
            if track.declaredSeconds ?? 0 < leastSeconds {
                return "less than \(Int(leastSeconds / 60)) minutes are read nearly as fast as a few stretches"
            }
        }
        return nil
    }
}

extension Examiner {
    /// Looks at stretches of every track, one after the other, until one shows clearly who recorded.
    ///
    /// `answer` takes what that showed; else that they were looked at, or why they were not.
    func triage(
        _ recording: RecordingDecoder, _ source: ChannelFeatures, _ plan: ExaminationPlan, _ window: MeetingWindow?,
        _ answer: inout Examination
    ) throws {
        // A stretch would have a window of its own, and little is searched where the time is stated.
        var problem = window == nil ? Triage.problem(recording) : "when it was played is stated"
        let paid = plan.budget(expectedSeconds: detector.expectedSeconds, scope: scope)
        let budget = SearchBudget(
            channels: recording.tracks.count * Triage.stretchesPerTrack, breadth: Effort.fast.breadth, scope: scope,
            otherShares: paid.ownShares)
        let warnings = answer.warnings
        var triage = Triage(stretches: [], isAnswer: false)
        var found: Detection?
        for index in 0..<Triage.stretchesPerTrack where problem == nil && !triage.isAnswer {
            for track in recording.tracks where problem == nil && !triage.isAnswer {
                let stretch = Triage.stretches(of: track.declaredSeconds ?? 0)[index]
                guard let read = try read(stretch, of: track, source) else {
                    problem = "a stretch of it could not be found"
                    break
                }
                let detection = try look(read, budget)
                found = found?.joined(detection) ?? detection
                triage.take(read.summary, of: track)
                answer.take(read.summary, of: track)
                triage.isAnswer = found?.isClear(log10Threshold: detector.log10Threshold) ?? false
            }
        }
        if triage.isAnswer, let found {
            answer.detection = found
        } else {
            answer.forgetStretches()
            answer.warnings = warnings
        }
        if let problem { answer.warnings.append("there was no triage, and all of it was read: \(problem)") }
        // What was tested is paid for, whatever became of the rest.
        answer.triage = triage.stretches.isEmpty ? nil : triage
    }

    /// A stretch, or nil where the file has none there, or none that decodes.
    private func read(
        _ stretch: DecodeStretch, of track: AudioTrack, _ source: ChannelFeatures
    ) throws -> ChannelFeatures.Result? {
        do {
            let read = try source.extract(track: track.index, stretch: stretch)
            return read.summary.seconds >= stretch.seconds / 2 ? read : nil
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
            Stretch(track: track.position, recording: start..<max(start, summary.places.shown(summary.seconds))))
        stretches.sort { ($0.track, $0.recording.lowerBound) < ($1.track, $1.recording.lowerBound) }
    }
}

extension Detection {
    /// Whether somebody recorded, and nothing that more of the recording could show would take that back.
    ///
    /// Whoever is held to have done so must be held so by tags, too, if its client tags what its microphone sends, and
    /// by content: in more of the recording a tag may be heard that is too weak to tell here, or a copy be told.
    func isClear(log10Threshold: Double) -> Bool {
        let recorded = zip(sources, CrossTalk.judgements(sources)).filter { $0.1 == .recorded }.map(\.0)
        return !recorded.isEmpty
            && recorded.allSatisfy {
                ($0.tag == nil || MicrophoneEvidence($0) == .absent)
                    && ContentEvidence($0, log10Threshold: log10Threshold) == .confirmed
            }
    }

    /// What two stretches showed together: for each source the better evidence, and all places where it was heard.
    func joined(_ other: Detection) -> Detection {
        let isFirst = pilotScore >= other.pilotScore
        var all = isFirst ? self : other
        let rest = isFirst ? other : self
        for source in rest.sources {
            guard let index = all.sources.firstIndex(where: { $0.candidate == source.candidate }) else {
                all.sources.append(source)
                continue
            }
            let known = all.sources[index]
            let isBetter = (source.log10FalseAccusation, -source.z) < (known.log10FalseAccusation, -known.z)
            var best = isBetter ? source : known
            best.spans = (known.spans + source.spans).sorted { $0.recording.lowerBound < $1.recording.lowerBound }
            best.steps = (known.steps + source.steps).sorted { $0.recording.lowerBound < $1.recording.lowerBound }
            all.sources[index] = best
        }
        all.sources.sort { ($1.z, $0.candidate) < ($0.z, $1.candidate) }
        all.decoys = decoys ?? other.decoys
        all.log10Presence = min(log10Presence, other.log10Presence)
        all.expectation.take(rest.expectation)
        return all
    }
}
