internal import CMath
package import EarmarkMark

/// Finds which period of the meeting each piece of a track shows.
package struct TimelineSearch {
    /// Periods that are searched.
    package let periods: Range<Int64>
    /// Periods of the meeting's schedule; others are believed only on better evidence.
    package let expected: Range<Int64>
    /// Seed of the timeline signs.
    package let seed: Seed
    /// What was stated of the meeting time, if anything was.
    private var stated: MeetingWindow?
    private let plan: CellPlan
    /// Packed timeline signs of all periods, one after another.
    private let bits: [UInt8]
    private static let stride = MarkLayout.timelineCellsPerPeriod / 8

    /// Natural log of the odds against a move of the meeting time: within half a period, within minutes, anywhere.
    private static let nearCost = 0.0
    private static let minutesCost = 4.0
    private static let anywhereCost = 12.0
    /// Periods that count as minutes (about 10 minutes).
    private static let minutes = 36

    /// Cost of a period outside the schedule, natural log of the odds: nineteen leaks in twenty lie within a few
    /// hundred periods of it, the rest anywhere in some thousands.
    private static let unscheduledCost = 4.0

    /// `expected` are the periods of the meeting's schedule, all by default.
    package init(plan: CellPlan, seed: Seed, periods: Range<Int64>, expected: Range<Int64>? = nil) {
        self.plan = plan
        self.periods = periods
        self.expected = expected ?? periods
        self.seed = seed
        let signs = PeriodSigns(seed: seed)
        var bits: [UInt8] = []
        bits.reserveCapacity(periods.count * TimelineSearch.stride)
        var row = [UInt8](repeating: 0, count: TimelineSearch.stride)
        for period in periods {
            signs.fill(&row, period: period)
            bits += row
        }
        self.bits = bits
    }

    /// The same search, for a recording of which it is stated when it was played; nil where nothing is.
    func stating(_ window: MeetingWindow?) -> TimelineSearch {
        var search = self
        search.stated = window
        return search
    }

    /// Frames at which a straight line may begin.
    var frames: SearchedFrames { SearchedFrames(expected: expected, stated: stated) }

    /// A ranking of meeting frames for frame `start` of the recording.
    func ranking(of start: Int, limit: Int) -> RankedPlaces {
        RankedPlaces(
            limit: limit, stated: frames.frames(of: start), weight: stated?.weight(among: periods.count) ?? 0)
    }

    /// How much likelier a statement makes it that the recording begins at a meeting frame, natural log.
    func weight(ofFrame frame: Int64) -> Double {
        stated.map { $0.offsets.contains(frame) ? $0.weight(among: periods.count) : 0 } ?? 0
    }

    /// Places every piece in the meeting, in up to `limit` ways, the likeliest first; none when the recording shows no
    /// chip at all.
    ///
    /// More than one way is looked for only where the track is a single piece.
    package func places(_ track: Track, weights: [Float], features: FeatureMatrix, limit: Int) -> [Alignment] {
        let evidence = track.pieces.map { score($0, weights, features) }
        guard evidence.contains(where: { $0.energy > 0 }) else { return [] }
        if limit > 1, let only = evidence.first, evidence.count == 1 {
            return likeliest(track.pieces[0], only, limit).map { alignment(track, weights, evidence, [$0], features) }
        }
        let states = bestStates(track.pieces, evidence)
        return [alignment(track, weights, evidence, states, features)]
    }

    /// The `limit` likeliest states of a piece, best first.
    private func likeliest(_ piece: TrackPiece, _ evidence: Evidence, _ limit: Int) -> [Int] {
        let scale = Float(1 / max(2 * evidence.energy, 1e-30))
        var best: [(state: Int, value: Float)] = []
        let cost = cost(of: piece)
        for (state, score) in evidence.scores.enumerated() {
            // The log-likelihood of a normal sum whose mean is what it shows, where that is positive.
            let value = max(0, score) * score * scale - Float(cost(state))
            if best.count == limit, let last = best.last, value <= last.value { continue }
            let place = best.firstIndex { $0.value < value } ?? best.count
            best.insert((state, value), at: place)
            if best.count > limit { best.removeLast() }
        }
        return best.map(\.state)
    }

    /// What it costs to believe in a state's period, natural log of the odds, for the piece that a track begins with.
    private func cost(of piece: TrackPiece) -> (_ state: Int) -> Double {
        let first = periods.lowerBound - Int64(TimelineSearch.firstLocal(piece))
        let (stated, weight) = (stated, stated?.weight(among: periods.count) ?? 0)
        return { state in
            let ahead = piece.offset + Double(first + Int64(state)) * Double(FeatureLayout.framesPerPeriod)
            if stated?.allows(ahead) ?? false { return 0 }
            return weight + (expected.contains(periods.lowerBound + Int64(state)) ? 0 : TimelineSearch.unscheduledCost)
        }
    }

    private func alignment(
        _ track: Track, _ weights: [Float], _ evidence: [Evidence], _ states: [Int], _ features: FeatureMatrix
    ) -> Alignment {
        var sum = 0.0
        var energy = 0.0
        for (piece, state) in zip(evidence, states) {
            sum += Double(piece.scores[state])
            energy += piece.energy
        }
        let choices = log10Choices(jumps: jumps(states, track.pieces), pieces: track.pieces.count)
        let placed = zip(track.pieces, states).map { piece, state in
            Alignment.Placed(
                piece: piece, basePeriod: periods.lowerBound + Int64(state) - Int64(TimelineSearch.firstLocal(piece)))
        }
        var alignment = Alignment(
            placed: placed, dipoleWeights: weights, pilotScore: track.score, pilotMean: 0, timelineZ: 0,
            log10Presence: 0, timeCost: states.first.map(cost(of: track.pieces[0])) ?? 0)
        energy = energyOfRepeats(alignment, features) ?? energy
        let z = energy > 0 ? sum / energy.squareRoot() : 0
        alignment.timelineZ = z
        alignment.log10Presence = min(0, RademacherBound.log10Tail(z) + choices)
        return alignment
    }

    /// Sum of squares where pieces visit a period of the meeting more than once; nil where none does.
    ///
    /// A cell has one sign however often it is visited, so all its visits are added up before they are squared. Loops
    /// would otherwise count one agreement by chance as many.
    private func energyOfRepeats(_ alignment: Alignment, _ features: FeatureMatrix) -> Double? {
        let all = CellCollector(alignment, features)
        let apart = alignment.placed.reduce(0) { count, placed in
            var single = alignment
            single.placed = [placed]
            return count + CellCollector(single, features).periodCount
        }
        guard all.periodCount < apart else { return nil }
        var energy = 0.0
        all.forEachPeriod { cells in
            for cell in plan.timelineCells {
                let value = Double(cells.plane[Int(cell)])
                energy += value * value
            }
        }
        return energy
    }

    /// log10 of the placements that were open: which borders jump, where to, and how many may.
    private func log10Choices(jumps: Int, pieces: Int) -> Double {
        let borders = Double(pieces - 1)
        let which = lgamma(borders + 1) - lgamma(Double(jumps) + 1) - lgamma(borders - Double(jumps) + 1)
        return Double(1 + jumps) * log10(Double(periods.count)) + which / log(10) + log10(Double(pieces))
    }

    /// Timeline sums of a piece, one for each state: the period (as an index into `periods`) of its first chip.
    private struct Evidence {
        var scores: [Float]
        var energy: Double
    }

    /// The piece's own number of the period in which it begins.
    private static func firstLocal(_ piece: TrackPiece) -> Int {
        Int(floorDivide(Int64(FeatureSampler.chips(of: piece).lowerBound), Int64(MarkLayout.chipsPerPeriod)))
    }

    private func score(_ piece: TrackPiece, _ weights: [Float], _ features: FeatureMatrix) -> Evidence {
        var scores = [Float](repeating: 0, count: periods.count)
        var energy = 0.0
        var tables = SignTables()
        var values = [Float](repeating: 0, count: MarkLayout.timelineCellsPerPeriod)
        var sums = [Double](repeating: 0, count: periods.count)
        let alone = Alignment(
            placed: [.init(piece: piece, basePeriod: -Int64(TimelineSearch.firstLocal(piece)))], dipoleWeights: weights,
            pilotScore: 0, pilotMean: 0, timelineZ: 0, log10Presence: 0)
        CellCollector(alone, features).forEachPeriod { cells in
            for (index, cell) in plan.timelineCells.enumerated() {
                values[index] = cells.plane[Int(cell)]
                energy += Double(values[index]) * Double(values[index])
            }
            for index in sums.indices { sums[index] = 0 }
            tables.accumulate(values, bits: bits, stride: TimelineSearch.stride, count: periods.count, into: &sums)
            // The piece's period p, counted from 0, shows meeting period state + p.
            let shift = Int(cells.period)
            for state in 0..<max(0, scores.count - shift) { scores[state] += Float(sums[state + shift]) }
        }
        return Evidence(scores: scores, energy: energy)
    }

    /// Viterbi over pieces.
    private func bestStates(_ pieces: [TrackPiece], _ evidence: [Evidence]) -> [Int] {
        // Scores become natural log-likelihood ratios for the mean that the best placements show.
        let energy = evidence.reduce(0) { $0 + $1.energy }
        let best = evidence.reduce(0) { $0 + Double($1.scores.max() ?? 0) }
        let rate = energy > 0 ? max(best, 1e-12) / energy : 0
        let cost = cost(of: pieces[0])
        var value = evidence[0].scores.enumerated().map { Double($1) * rate - cost($0) }
        var origins: [[Int32]] = []
        for index in 1..<max(1, pieces.count) {
            let (reach, origin) = spread(value, step(from: pieces[index - 1], to: pieces[index]))
            origins.append(origin)
            value = zip(reach, evidence[index].scores).map { $0 + Double($1) * rate }
        }
        var state = value.indices.max { value[$0] < value[$1] } ?? 0
        var states = [Int](repeating: 0, count: pieces.count)
        for index in pieces.indices.reversed() {
            states[index] = state
            if index > 0 { state = Int(origins[index - 1][state]) }
        }
        return states
    }

    /// Change of the state that keeps the meeting time continuous to within half a period.
    private func step(from earlier: TrackPiece, to later: TrackPiece) -> Int {
        let border = Double(later.frames.lowerBound)
        let change = later.meetingFrame(border) - earlier.meetingFrame(border)
        return TimelineSearch.firstLocal(later) - TimelineSearch.firstLocal(earlier)
            - Int((change / Double(FeatureLayout.framesPerPeriod)).rounded())
    }

    private func spread(_ value: [Double], _ delta: Int) -> ([Double], [Int32]) {
        let count = value.count
        let best = value.indices.max { value[$0] < value[$1] } ?? 0
        var reach = [Double](repeating: value[best] - TimelineSearch.anywhereCost, count: count)
        var origin = [Int32](repeating: Int32(best), count: count)
        for state in 0..<count {
            let centre = state - delta
            for other in max(
                0, centre - TimelineSearch.minutes)..<max(0, min(count, centre + TimelineSearch.minutes + 1))
            {
                let cost = other == centre ? TimelineSearch.nearCost : TimelineSearch.minutesCost
                if value[other] - cost > reach[state] {
                    reach[state] = value[other] - cost
                    origin[state] = Int32(other)
                }
            }
        }
        return (reach, origin)
    }

    private func jumps(_ states: [Int], _ pieces: [TrackPiece]) -> Int {
        var count = 0
        for index in 1..<max(1, pieces.count)
        where step(from: pieces[index - 1], to: pieces[index]) != states[index] - states[index - 1] { count += 1 }
        return count
    }
}
