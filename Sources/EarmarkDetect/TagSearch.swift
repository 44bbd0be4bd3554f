internal import CMath
import EarmarkMark

/// Looks for microphone tags beside a source's playout mark: whether what a client played was recorded, or came back
/// through a microphone (docs/statistics.md, section 8).
///
/// Runs after naming, on stretches and alignments that the playout mark has fixed, with the signs of tags, which had no
/// part in either.
struct TagSearch {
    /// Where a tag is looked for, frames that it is later on its client's clock than the playout mark it comes with.
    struct Delays {
        /// Least and most, frames.
        let range: ClosedRange<Int>
        /// Distance between two that are tried, frames.
        let step: Int

        /// How many are tried.
        var count: Int { (range.upperBound - range.lowerBound) / step + 1 }

        /// The client's own tag: the way through loudspeaker, room and microphone and the buffers of both, up to 0.6 s;
        /// some clients stamp what they play ahead and what they send behind, up to 0.1 s.
        ///
        /// Earlier than that lies a talker's tag that somebody else's loudspeaker echoed back to him.
        static let own = Delays(range: -6...38, step: 1)
        /// Another client's tag, by that client's clock: as above, and every other frame, which costs 2 % of z.
        static let others = Delays(range: -6...38, step: 2)
        /// A talker's tag: coding, network and jitter buffers bring it up to 2 s before what was played, and clocks are
        /// off.
        static let talkers = Delays(range: -125...38, step: 2)
    }

    /// Stretches that others' tags are looked for in, frames (131 s): a tag that carries an echo which can be named
    /// shows there, and all candidates are tried at every delay.
    private static let othersFrames = 8 * FeatureLayout.framesPerPeriod

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

    /// Evidence for a client's own tag, and for its playout mark in the same stretches.
    func own(tag: MicrophoneTag, playout: Seed) -> Detection.Tag? {
        var tagged = heard
        tagged.placed.removeAll { TagSearch.start(of: $0) < tag.since }
        guard let best = best([tag.seed], tagged, .own).first else { return nil }
        let mark = score(playout, tagged)
        return self.tag(best, tests: TagSearch.Delays.own.count, playoutZ: mark)
    }

    /// The best of others' tags; `paid` tests are paid for beside those at several delays.
    func other(tags: [MicrophoneTag], playout: Seed, paid: Int) -> (index: Int, tag: Detection.Tag)? {
        let stretches = shortened
        let found = best(tags.map(\.seed), stretches, .others)
        guard let index = found.indices.max(by: { found[$0].z < found[$1].z }) else { return nil }
        let best = found[index]
        return (
            index,
            tag(best, tests: paid * TagSearch.Delays.others.count, playoutZ: score(playout, stretches))
        )
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
        let frames = Array(stride(from: delays.range.lowerBound, through: delays.range.upperBound, by: delays.step))
        let alignments = frames.map { delay in
            var shifted = stretches
            for index in shifted.placed.indices { shifted.placed[index].piece.offset += Double(delay) }
            return shifted
        }
        var best: [(z: Double, delay: Double)] = []
        ShiftedScorer(plan: plan, alignments, features).forEach(tags) { scores in
            let most = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            best.append((scores[most], Double(frames[most]) / FeatureLayout.framesPerSecond))
        }
        return best
    }

    /// The longest stretches, as many as are worth it.
    var shortened: Alignment {
        var left = TagSearch.othersFrames
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
