internal import CMath
import EarmarkMark

/// Looks for microphone tags beside a source's playout mark: whether what a client played was recorded, or came back
/// through a microphone (docs/statistics.md, section 8).
///
/// Runs after naming, on stretches and alignments that the playout mark has fixed, with the signs of tags, which had no
/// part in either.
struct TagSearch {
    /// Where a tag is looked for: frames that it is later on its client's clock than the playout mark it comes with.
    struct Delays {
        /// In ascending order.
        let frames: [Int]

        /// How many are tried.
        var count: Int { frames.count }

        private static func every(_ step: Int, _ range: ClosedRange<Int>) -> [Int] {
            Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }

        /// The client's own tag: the way through loudspeaker, room and microphone and the buffers of both, up to 0.6 s,
        /// and up to 3 s through wireless loudspeakers and television sets, of which every other frame, which costs 2 %
        /// of z; some clients stamp what they play ahead and what they send behind, up to 0.1 s.
        ///
        /// Earlier than that lies a talker's tag that somebody else's loudspeaker echoed back to him.
        static let own = Delays(frames: every(1, -6...38) + every(2, 40...188))
        /// Those of them at which a tag comes no earlier than its mark (`Detection.Tag.leastDelay`).
        static let ownBehind = (own.frames.firstIndex(of: -1) ?? 0)..<own.count
        /// Another client's tag, by that client's clock.
        static let others = Delays(frames: every(2, -6...38))
        /// The same through loudspeakers that are late, and where clocks are off by as much.
        static let distantOthers = Delays(frames: every(2, -125...(-8)) + every(2, 40...188))
        /// A talker's tag: coding, network and jitter buffers bring it up to 2 s before what was played, and clocks are
        /// off.
        static let talkers = Delays(frames: every(2, -125...38))
    }

    /// Stretches that others' tags are looked for in, frames (131 s): a tag that carries an echo which can be named
    /// shows there, and all candidates are tried at every delay.
    static let othersFrames = 8 * FeatureLayout.framesPerPeriod
    /// Share of the playout mark's evidence from which on a tag at a distant delay counts: a talker's in what a client
    /// recorded has 0.4 at most, its depth.
    package static let distantShare = 0.5
    /// Standard deviations beyond what is needed that such a tag is given.
    private static let reserve = 4.0

    /// z in a first look from which on a tag of many is scored in all: what meets the threshold with z of 9.5 or more
    /// stands near 5.7 there, and of 20 clients one by chance at one of 134 delays.
    private static let firstLookLeast = 3.3

    let plan: CellPlan
    let features: FeatureMatrix
    /// Where the playout mark was heard.
    private let heard: Alignment

    /// `heard` are the stretches, by piece, in which the playout mark was heard on `alignment`.
    init(_ plan: CellPlan, _ alignment: Alignment, heard: [Alignment.Placed], features: FeatureMatrix) {
        self.plan = plan
        self.features = features
        var stretches = alignment
        stretches.placed = heard
        self.heard = stretches
    }

    /// Evidence for a client's own tag, and for its playout mark in the same stretches: where it is known to tag, and
    /// everywhere if it is certain there.
    func own(tag: MicrophoneTag, playout: Seed) -> Detection.Tag? {
        var tagged = heard
        tagged.placed.removeAll { TagSearch.start(of: $0) < tag.since }
        let isKnown = tagged.placed.count == heard.placed.count
        let looks = isKnown ? 1 : 2
        func evidence(_ stretches: Alignment) -> Detection.Tag? {
            own(tag.seed, stretches, looks: looks, playoutZ: score(playout, stretches))
        }
        if !isKnown, let anywhere = evidence(heard), anywhere.isCertain { return anywhere }
        return evidence(tagged)
    }

    /// Evidence in `stretches`, one of `looks`: at the best of the delays, and at delays that change.
    private func own(_ seed: Seed, _ stretches: Alignment, looks: Int, playoutZ: Double) -> Detection.Tag? {
        guard !stretches.placed.isEmpty else { return nil }
        let blocks = ShiftedScorer(plan: plan, shifted(stretches, by: .own), features).blocks(of: seed)
        let scores = blocks.scores
        let most = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        let delay = Double(Delays.own.frames[most]) / FeatureLayout.framesPerSecond
        var tag = self.tag((scores[most], delay), tests: looks * Delays.own.count, playoutZ: playoutZ)
        let moving = MovingTag(blocks, alignments: Delays.ownBehind)
            .evidence(playoutZ: playoutZ, leastShare: Detection.Tag.leastShare)
        tag.log10MovingChance = min(0, moving.log10Chance + log10(Double(looks)))
        tag.log10MovingRatio = moving.log10Ratio
        return tag
    }

    /// Others' tags that meet `log10Threshold`, strongest first; `paid` tests are paid for beside those at several
    /// delays.
    ///
    /// At distant delays only one that is half as strong as the mark counts, as none of a talker is, which shows in
    /// part of the stretches.
    func others(
        tags: [MicrophoneTag], playout: Seed, paid: Int, log10Threshold: Double
    ) -> [(index: Int, tag: Detection.Tag)] {
        let tests = paid * (Delays.others.count + Delays.distantOthers.count)
        func found(_ stretches: Alignment, _ delays: Delays, _ playoutZ: Double) -> [(index: Int, tag: Detection.Tag)] {
            let some = shortList(tags.map(\.seed), stretches, delays)
            return zip(some, best(some.map { tags[$0].seed }, stretches, delays))
                .map { (index: $0.0, tag: tag($0.1, tests: tests, playoutZ: playoutZ)) }
                .filter { $0.tag.log10Chance <= log10Threshold }
                .sorted { ($1.tag.z, $0.index) < ($0.tag.z, $1.index) }
        }
        let stretches = shortened(to: TagSearch.othersFrames)
        let playoutZ = score(playout, stretches)
        let near = found(stretches, .others, playoutZ)
        if let first = near.first, first.tag.z >= TagSearch.distantShare * playoutZ { return near }
        let needed = RademacherBound.requiredZ(
            log10Threshold: log10Threshold, log10Hypotheses: log10(Double(max(1, tests))))
        let least = (needed + TagSearch.reserve) / (TagSearch.distantShare * playoutZ)
        guard playoutZ > 0, least <= 1 else { return near }
        let frames = Double(stretches.placed.reduce(0) { $0 + $1.piece.frames.count })
        let part = shortened(to: Int((least * least * frames).rounded(.up)))
        let partZ = score(playout, part)
        let distant = found(part, .distantOthers, partZ)
        return distant.first.map { $0.tag.z >= TagSearch.distantShare * partZ } == true ? distant : near
    }

    /// The tags worth scoring in all, by their place in `tags`: all where they are not many, else what shows in the
    /// first bytes of every period's signs.
    ///
    /// Each is kept or left by its own signs alone.
    private func shortList(_ tags: [Seed], _ stretches: Alignment, _ delays: Delays) -> [Int] {
        guard tags.count >= IdentityScorer.manyCandidates, !stretches.placed.isEmpty else { return Array(tags.indices) }
        var kept: [Int] = []
        var index = 0
        ShiftedScorer(
            plan: plan, shifted(stretches, by: delays), features, bytes: IdentityScorer.firstLookBytes
        ).forEach(tags) { scores in
            if scores.contains(where: { $0 >= TagSearch.firstLookLeast }) { kept.append(index) }
            index += 1
        }
        return kept
    }

    /// Those whose tags stand beside the mark, by their place in `tags`, and where; only what meets `log10Threshold`.
    func talkers(
        tags: [MicrophoneTag], paid: Int, log10Threshold: Double, profile: MarkProfile
    ) -> [(index: Int, tag: Detection.Tag, spans: [Detection.Span])] {
        let found = best(tags.map(\.seed), heard, .talkers)
        return found.indices.compactMap { index in
            let tag = tag(found[index], tests: paid * TagSearch.Delays.talkers.count, playoutZ: 0)
            guard tag.log10Chance <= log10Threshold else { return nil }
            let map = TimeMap(shifted(heard, seconds: tag.delay), features, plan: plan, profile: profile)
            return (index, tag, map.trace(PeriodSigns(seed: tags[index].seed)).spans)
        }
    }

    /// The same stretches as a clock that is `seconds` ahead shows them.
    private func shifted(_ stretches: Alignment, seconds: Double) -> Alignment {
        var shifted = stretches
        for index in shifted.placed.indices {
            shifted.placed[index].piece.offset += seconds * FeatureLayout.framesPerSecond
        }
        return shifted
    }

    /// The same stretches at every delay.
    private func shifted(_ stretches: Alignment, by delays: Delays) -> [Alignment] {
        delays.frames.map { delay in
            var shifted = stretches
            for index in shifted.placed.indices { shifted.placed[index].piece.offset += Double(delay) }
            return shifted
        }
    }

    private func score(_ playout: Seed, _ stretches: Alignment) -> Double {
        IdentityScorer(plan: plan, seeds: [playout]).score(stretches, features).z(0)
    }

    /// Meeting time at which a stretch begins, seconds.
    private static func start(of placed: Alignment.Placed) -> Double {
        placed.meetingFrame(Double(placed.piece.frames.lowerBound)) / FeatureLayout.framesPerSecond
    }

    private func tag(_ best: (z: Double, delay: Double), tests: Int, playoutZ: Double) -> Detection.Tag {
        let paid = log10(Double(max(1, tests)))
        return Detection.Tag(
            z: best.z, log10Chance: min(0, max(DetectionRun.log10Least, RademacherBound.log10Tail(best.z) + paid)),
            log10Tests: paid, delay: best.delay, playoutZ: playoutZ)
    }

    /// z of each tag at its best delay, in seconds.
    private func best(
        _ tags: [Seed], _ stretches: Alignment, _ delays: Delays
    ) -> [(z: Double, delay: Double)] {
        guard !tags.isEmpty, !stretches.placed.isEmpty else { return [] }
        let alignments = shifted(stretches, by: delays)
        var best: [(z: Double, delay: Double)] = []
        ShiftedScorer(plan: plan, alignments, features).forEach(tags) { scores in
            let most = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            best.append((scores[most], Double(delays.frames[most]) / FeatureLayout.framesPerSecond))
        }
        return best
    }

    /// The longest stretches, in all as many frames as that.
    func shortened(to frames: Int) -> Alignment {
        var left = frames
        var result = heard
        result.placed = []
        for placed in heard.placed.sorted(by: { $0.piece.frames.count > $1.piece.frames.count }) where left > 0 {
            let piece = placed.piece
            let end = piece.frames.lowerBound + min(left, piece.frames.count)
            left -= piece.frames.count
            result.placed.append(
                .init(piece: piece.part(piece.frames.lowerBound..<end), basePeriod: placed.basePeriod))
        }
        return result
    }
}

extension TrackPiece {
    /// The same line over some of the frames.
    func part(_ frames: Range<Int>) -> TrackPiece {
        var part = TrackPiece(frames: frames, offset: offset, slope: slope)
        part.offset += slope * (part.middle - middle)
        return part
    }
}
