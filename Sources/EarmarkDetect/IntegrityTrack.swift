internal import CMath
import EarmarkMark

/// Shows where along a recording a source's mark belongs to the audio, in steps of about a second.
struct IntegrityTrack {
    /// Sums over one step of one piece.
    private struct Step {
        var recording: Range<Double>
        var identity = ContentScorer.Sums()
        var content = ContentScorer.Sums()
    }

    /// Chips in a step (1.024 s).
    private static let step = 16
    /// Cost of a border between two states, natural log of the odds.
    ///
    /// Ten seconds of foreign speech in a good recording outweigh two of them many times (docs/measurements).
    private static let borderCost = 8.0
    /// Strength of a mark, relative to the rest of the recording, up to which a stretch is not called unmarked.
    ///
    /// Where an orchestra plays, 0 to 0.4 of the mark is left for seconds; foreign speech has none of it.
    private static let faintShare = 0.4
    /// Share of the content elsewhere, for the strength of the mark there, up to which a stretch is not called copied.
    ///
    /// Genuine marks beside other sound leave 0.6 of what is expected over a recording (docs/measurements). A stretch
    /// that shows as little is judged by itself: by its own content it is confirmed, or open.
    private static let doubtfulShare = 0.5
    /// Strengths of content that are tried, as multiples of what the whole recording shows: what was copied onto a part
    /// of it, half or less, makes the rest look weak.
    private static let contentFactors = [1, 1.25, 1.6, 2]

    /// Share of what is expected otherwise where a telephone took the upper half of the band: its codec reads words
    /// worse than they look (0.4 to 0.9 after AMR, GSM and Opus at 8 kbit/s).
    private static let narrowShare = 0.7
    /// Evenness of a mark (`LevelSums.evenness`) below which other sound is taken to lie over its host, and the least
    /// share of what is expected otherwise that is then expected.
    ///
    /// Beside babble as loud as the talkers a mark's evenness is 0.4 to 0.6, and words are read wrong as often; codecs,
    /// rooms and copies have 0.7 to 0.9 (docs/measurements). Who copies a mark onto the loudest fifth of all cells, or
    /// the loudest two, reaches z of some 25 where as much less is expected of his copy.
    private static let even = 0.7
    private static let leastEvenShare = 0.6

    private let plan: CellPlan
    private let alignment: Alignment
    private let features: FeatureMatrix
    private let signs: PeriodSigns

    init(_ plan: CellPlan, _ alignment: Alignment, _ features: FeatureMatrix, signs: PeriodSigns) {
        self.plan = plan
        self.alignment = IntegrityTrack.tiled(alignment, frames: features.frames)
        self.features = features
        self.signs = signs
    }

    /// Evidence over the stretches `heard`, and along the whole recording; `evenness` is that of the mark there.
    func content(heard: [Alignment.Placed], evenness: Double?) -> Detection.Content {
        let scorer = ContentScorer(plan, signs: signs)
        var stretches = alignment
        stretches.placed = heard
        let sums = scorer.score(stretches, features)
        let steps = steps(scorer)
        // The mean of a cell of unit weight, where the source was heard.
        var identity = ContentScorer.Sums()
        for step in steps where heard.isEmpty || isHeard(step, heard) { identity.add(step.identity) }
        let mean = identity.expected > 0 ? max(0, identity.sum / identity.expected) : 0
        let isNarrow = 2 * features.narrowFrames > features.frames
        let share = IntegrityTrack.evenShare(evenness) * (isNarrow ? IntegrityTrack.narrowShare : 1)
        let most = sums.energy > 0 ? mean * sums.expected / sums.energy : 0
        let expected = sums.energy > 0 ? share * mean * sums.expected / sums.energy.squareRoot() : 0
        return .init(
            z: sums.z, expectedZ: expected,
            log10Chance: max(DetectionRun.log10Least, RademacherBound.log10Tail(sums.z)),
            stretches: kinds(
                steps, identity: identity.slope, content: sums.slope, mostContent: most),
            evenness: evenness.map { $0 >= IntegrityTrack.even ? .even : .uneven } ?? .unsure)
    }

    /// Share of what is expected otherwise of a mark of this evenness.
    static func evenShare(_ evenness: Double?) -> Double {
        evenness.map { max(leastEvenShare, min(1, $0 / even)) } ?? 1
    }

    private func isHeard(_ step: Step, _ heard: [Alignment.Placed]) -> Bool {
        let middle = (step.recording.lowerBound + step.recording.upperBound) / 2
        let frame = middle * FeatureLayout.framesPerSecond * alignment.warp.rate
        return heard.contains {
            Double($0.piece.frames.lowerBound) <= frame && frame < Double($0.piece.frames.upperBound)
        }
    }

    /// The alignment with every piece carried on to the next one, the first from the recording's start and the last to
    /// its end: what was cut in lies between them.
    private static func tiled(_ alignment: Alignment, frames: Int) -> Alignment {
        var tiled = alignment
        let order = alignment.placed.indices.sorted {
            alignment.placed[$0].piece.frames.lowerBound < alignment.placed[$1].piece.frames.lowerBound
        }
        var start = 0
        for (place, index) in order.enumerated() {
            let next = place + 1 < order.count ? alignment.placed[order[place + 1]].piece.frames.lowerBound : frames
            let end = max(next, alignment.placed[index].piece.frames.upperBound)
            guard start < end else { continue }
            tiled.placed[index].piece = alignment.placed[index].piece.part(start..<end)
            start = end
        }
        return tiled
    }

    private func steps(_ scorer: ContentScorer) -> [Step] {
        let size = Int64(MarkLayout.chipsPerPeriod)
        let perFrame = 1 / (FeatureLayout.framesPerSecond * alignment.warp.rate)
        var plane = SourcePlane(plan: plan, signs: signs)
        var steps: [Step] = []
        for placed in alignment.placed.sorted(by: { $0.piece.frames.lowerBound < $1.piece.frames.lowerBound }) {
            let chips = FeatureSampler.chips(of: placed.piece)
            var start = chips.lowerBound
            while start < chips.upperBound {
                let border = (Int(floorDivide(Int64(start), Int64(IntegrityTrack.step))) + 1) * IntegrityTrack.step
                let end = min(chips.upperBound, border)
                plane.load(period: placed.basePeriod + floorDivide(Int64(start), size))
                func second(_ chip: Int) -> Double {
                    placed.piece.recordingFrame(Double(chip * FeatureLayout.framesPerChip)) * perFrame
                }
                let low = max(0, second(start))
                var step = Step(recording: low..<max(low, second(end)))
                add(placed.piece, start..<end, plane, scorer, &step)
                steps.append(step)
                start = end
            }
        }
        return steps
    }

    private func add(
        _ piece: TrackPiece, _ chips: Range<Int>, _ plane: SourcePlane, _ scorer: ContentScorer, _ step: inout Step
    ) {
        let weights = alignment.dipoleWeights
        FeatureSampler.forEachChip(piece, chips: chips, frames: features.frames) { chip, row, share in
            let base = (chip & (MarkLayout.chipsPerPeriod - 1)) * MarkLayout.dipoleCount
            for dipole in 0..<MarkLayout.dipoleCount {
                let sign = plane.signs[base + dipole]
                if sign == 0 || plane.isPilot[base + dipole] { continue }
                let weight = Double(weights[dipole])
                let value = weight * Double(FeatureSampler.value(features, row, share, dipole))
                step.identity.sum += value * Double(sign)
                step.identity.energy += value * value
                step.identity.expected += weight * weight
            }
            scorer.add(
                features, weights, chip: chip, row: row, share: share, bits: plane.bits, to: &step.content)
        }
    }

    /// What a step may show: shares of the mark's strength and of the content's elsewhere.
    private struct State {
        var mark: Double
        var content: Double
        var kind: Detection.ContentStretch.Kind

        /// Whether there is less content than such a mark brings.
        var isDoubtful: Bool { kind == .whole && content < mark }

        static let all: [State] =
            [1, faintShare].flatMap { mark in
                [
                    State(mark: mark, content: mark, kind: .whole),
                    State(mark: mark, content: mark * doubtfulShare, kind: .whole),
                    State(mark: mark, content: 0, kind: .copied),
                ]
            } + [State(mark: 0, content: 0, kind: .unmarked)]
    }

    /// The likeliest states of all steps, and how likely they are beside others, natural log.
    private struct Path {
        var states: [Int]
        var log: Double
        var gains: [[Double]]
    }

    /// Slopes are expected sums over energies; that of content is at most `mostContent`.
    private func kinds(
        _ steps: [Step], identity: Double, content: Double, mostContent: Double
    ) -> [Detection.ContentStretch] {
        var best: Path?
        for factor in IntegrityTrack.contentFactors where factor == 1 || factor * content <= mostContent {
            let path = path(steps, identity: identity, content: factor * content)
            if path.log > best?.log ?? -.infinity { best = path }
        }
        return best.map { joined(steps, $0) } ?? []
    }

    /// Viterbi over the states.
    private func path(_ steps: [Step], identity: Double, content: Double) -> Path {
        let states = State.all
        let gains = steps.map { step in
            states.map {
                step.identity.log(slope: $0.mark * identity) + step.content.log(slope: $0.content * content)
            }
        }
        var best = [Double](repeating: 0, count: states.count)
        var cameFrom: [[Int]] = []
        for gain in gains {
            var next = best
            var from = Array(states.indices)
            for state in states.indices {
                for other in states.indices where best[other] - IntegrityTrack.borderCost > next[state] {
                    next[state] = best[other] - IntegrityTrack.borderCost
                    from[state] = other
                }
                next[state] += gain[state]
            }
            cameFrom.append(from)
            best = next
        }
        var state = states.indices.max { (best[$0], $1) < (best[$1], $0) } ?? 0
        let log = best[state]
        var path = [Int](repeating: 0, count: steps.count)
        for index in steps.indices.reversed() {
            path[index] = state
            state = cameFrom[index][state]
        }
        return Path(states: path, log: log, gains: gains)
    }

    private func joined(_ steps: [Step], _ path: Path) -> [Detection.ContentStretch] {
        let (gains, all) = (path.gains, State.all)
        let states = path.states.map { all[$0] }
        var stretches: [Detection.ContentStretch] = []
        var start = 0
        while start < steps.count {
            let state = states[start]
            let end =
                states[start...].firstIndex { ($0.kind, $0.isDoubtful) != (state.kind, state.isDoubtful) }
                ?? steps.count
            func total(_ rival: Int) -> Double { gains[start..<end].reduce(0) { $0 + $1[rival] } }
            var content = ContentScorer.Sums()
            for step in steps[start..<end] { content.add(step.content) }
            let chosen = (start..<end).reduce(0) { $0 + gains[$1][path.states[$1]] }
            let rivals = all.indices.filter { (all[$0].kind == .whole) != (state.kind == .whole) }
            let low = steps[start].recording.lowerBound
            stretches.append(
                .init(
                    recording: low..<max(low, steps[end - 1].recording.upperBound), kind: state.kind,
                    log: chosen - (rivals.map(total).max() ?? 0), z: content.z))
            start = end
        }
        return stretches
    }
}

extension ContentScorer.Sums {
    /// Expected sum over energy.
    var slope: Double { energy > 0 ? max(0, sum / energy) : 0 }

    mutating func add(_ other: ContentScorer.Sums) {
        sum += other.sum
        energy += other.energy
        expected += other.expected
    }

    /// How much likelier the sum is if it was to be `slope` times the energy than if it was to be nothing, natural log.
    func log(slope: Double) -> Double { slope * sum - slope * slope * energy / 2 }
}
