package import EarmarkMark

/// Scores every candidate on an alignment.
///
/// Together with `IdentitySearch` the only stage that looks at identity signs.
package struct IdentityScorer {
    /// Signed sums of all candidates and the root of the sum of squares they share.
    package struct Scores: Sendable {
        /// T_c = sum of U_j s_cj by candidate.
        package var sums: [Double]
        /// V = sum of U_j^2.
        package var energy: Double
        /// Cells with a non-zero value.
        package var cells: Int
        /// Sum of the squared dipole weights over those cells: what a source of unit mean adds to its sum.
        package var weight: Double

        /// T_c / sqrt(V), less all that rounding may have added; 0 without evidence.
        ///
        /// A sum in single precision over tables of 8 and blocks of 32 tables is off by less than 41 x 2^-24 times the
        /// sum of |U_j|, and that is at most sqrt(cells x V).
        package func z(_ candidate: Int) -> Double {
            guard energy > 0 else { return 0 }
            return sums[candidate] / energy.squareRoot() - Scores.roundingShare * Double(cells).squareRoot()
        }

        /// 41 x 2^-24.
        static let roundingShare = 2.45e-6

        /// The candidates whose z is at least `least`.
        ///
        /// Each is kept or left by its own signs alone: a rank would let an
        /// innocent's luck decide who else is tested, and the proof for several sources needs that it does not.
        package func candidates(atLeast least: Double) -> [Int] { sums.indices.filter { z($0) >= least } }
    }

    /// A named source whose expected contribution is taken out before the others are tested again.
    package struct Removal: Sendable {
        package var candidate: Int
        /// Estimated mean of U_j s_j for a cell of unit dipole weight; it grows with the square of the weight.
        package var mean: Double
    }

    /// A first look reads every third period and keeps candidates from this z on: a client that the whole recording
    /// would show at z = 8 stands near 4.6 in a third of it, and one innocent in nine above 1.2.
    private static let firstLookStep = 3
    private static let firstLookLeast = 1.2
    /// Periods from which on a first look saves time (8 minutes).
    private static let firstLookPeriods = 30

    /// Of fewer periods a first look reads the first bytes of every period's signs, 5.9 s of 16.4, where there are so
    /// many candidates that most of the work is theirs, and keeps those from this z on: what shows z = 8 in all stands
    /// near 4.8 in so much, and one innocent in 44 above 2.
    static let firstLookBytes = 160
    static let manyCandidates = 10_000
    private static let manyLeast = 2.0

    let seeds: [Seed]
    private let plan: CellPlan
    private static let stride = MarkLayout.identityCellsPerPeriod / 8

    package init(plan: CellPlan, seeds: [Seed]) {
        self.plan = plan
        self.seeds = seeds
    }

    /// Number of candidates.
    package var candidateCount: Int { seeds.count }

    /// The signs of a candidate.
    package func signs(of candidate: Int) -> PeriodSigns { PeriodSigns(seed: seeds[candidate]) }

    /// The candidates worth scoring on the whole recording: all of a short one's, where they are not many.
    package func shortList(_ alignment: Alignment, _ features: FeatureMatrix) -> [Int] {
        guard CellCollector(alignment, features).periodCount >= IdentityScorer.firstLookPeriods else {
            guard seeds.count >= IdentityScorer.manyCandidates else { return Array(seeds.indices) }
            return score(alignment, features, bytes: IdentityScorer.firstLookBytes)
                .candidates(atLeast: IdentityScorer.manyLeast)
        }
        return score(alignment, features, step: IdentityScorer.firstLookStep)
            .candidates(atLeast: IdentityScorer.firstLookLeast)
    }

    /// One pass over the recording, a meeting period at a time; only every `step`-th of them, or the first `bytes` of
    /// each one's signs, for a first look.
    ///
    /// Scores the candidates in `chosen`, all by default; the sums of the others are minus infinity. Leaving candidates
    /// out can only miss a source, never accuse one.
    package func score(
        _ alignment: Alignment, _ features: FeatureMatrix, chosen: [Int]? = nil, removing removals: [Removal] = [],
        step: Int = 1, bytes: Int? = nil
    ) -> Scores {
        let bytes = bytes ?? IdentityScorer.stride
        let cellPlan = plan.identityCells.prefix(8 * bytes)
        let chosen = chosen ?? Array(seeds.indices)
        var sums = [Double](repeating: 0, count: chosen.count)
        var scores = Scores(sums: .init(repeating: -.infinity, count: seeds.count), energy: 0, cells: 0, weight: 0)
        var tables = SignTables()
        var values = [Float](repeating: 0, count: cellPlan.count)
        let squaredWeights = cellPlan.map { cell in
            let weight = Double(alignment.dipoleWeights[Int(cell) % MarkLayout.dipoleCount])
            return weight * weight
        }
        let streams = SignStreams(seeds: chosen.map { seeds[$0] })
        var bits = [UInt8](repeating: 0, count: streams.rows * bytes)
        CellCollector(alignment, features).forEachPeriod(step: step) { cells in
            for (index, cell) in cellPlan.enumerated() { values[index] = cells.plane[Int(cell)] }
            for removal in removals { remove(removal, period: cells.period, alignment.dipoleWeights, &values) }
            var (energy, weight, used) = (0.0, scores.weight, 0)
            for (value, squaredWeight) in zip(values, squaredWeights) where value != 0 {
                energy += Double(value) * Double(value)
                weight += squaredWeight
                used += 1
            }
            scores.weight = weight
            scores.cells += used
            streams.fill(&bits, stride: bytes, period: cells.period)
            tables.accumulate(values, bits: bits, stride: bytes, count: chosen.count, into: &sums)
            scores.energy += energy
        }
        for (slot, candidate) in chosen.enumerated() { scores.sums[candidate] = sums[slot] }
        return scores
    }

    /// Takes a source's expected value out of every cell that was seen; uses only its own signs.
    private func remove(_ removal: Removal, period: Int64, _ weights: [Float], _ values: inout [Float]) {
        var row = [UInt8](repeating: 0, count: IdentityScorer.stride)
        signs(of: removal.candidate).fill(&row, period: period)
        for (index, cell) in plan.identityCells.prefix(values.count).enumerated() where values[index] != 0 {
            let sign = 1 - 2 * Float(row[index >> 3] >> UInt8(index & 7) & 1)
            let weight = weights[Int(cell) % MarkLayout.dipoleCount]
            values[index] -= Float(removal.mean) * weight * weight * sign
        }
    }
}

extension IdentityScorer.Removal {
    /// Takes out `candidate`, whose scores these are.
    package init(_ candidate: Int, _ scores: IdentityScorer.Scores) {
        self.init(candidate: candidate, mean: scores.sums[candidate] / max(scores.weight, 1e-30))
    }
}
