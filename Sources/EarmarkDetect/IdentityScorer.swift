package import EarmarkMark

/// Scores every candidate on an alignment. The only stage that looks at identity signs.
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

        /// T_c / sqrt(V); 0 without evidence.
        package func z(_ candidate: Int) -> Double { energy > 0 ? sums[candidate] / energy.squareRoot() : 0 }
    }

    /// A named source whose expected contribution is taken out before the others are tested again.
    package struct Removal: Sendable {
        package var candidate: Int
        /// Estimated mean of U_j s_j for a cell of unit dipole weight; it grows with the square of the weight.
        package var mean: Double
    }

    private let signs: [PeriodSigns]
    private let plan: CellPlan
    private static let stride = MarkLayout.identityCellsPerPeriod / 8

    package init(plan: CellPlan, seeds: [Seed]) {
        self.plan = plan
        signs = seeds.map(PeriodSigns.init(seed:))
    }

    /// Number of candidates.
    package var candidateCount: Int { signs.count }

    /// The signs of a candidate.
    package func signs(of candidate: Int) -> PeriodSigns { signs[candidate] }

    /// One pass over the recording, a meeting period at a time.
    package func score(
        _ alignment: Alignment, _ features: FeatureMatrix, removing removals: [Removal] = []
    ) -> Scores {
        var scores = Scores(sums: .init(repeating: 0, count: signs.count), energy: 0, cells: 0, weight: 0)
        var tables = SignTables()
        var values = [Float](repeating: 0, count: MarkLayout.identityCellsPerPeriod)
        let squaredWeights = alignment.dipoleWeights.map { Double($0) * Double($0) }
        var bits = [UInt8](repeating: 0, count: signs.count * IdentityScorer.stride)
        var row = [UInt8](repeating: 0, count: IdentityScorer.stride)
        CellCollector(alignment, features).forEachPeriod { cells in
            for (index, cell) in plan.identityCells.enumerated() { values[index] = cells.plane[Int(cell)] }
            for removal in removals { remove(removal, period: cells.period, alignment.dipoleWeights, &values) }
            var energy = 0.0
            for (index, value) in values.enumerated() where value != 0 {
                energy += Double(value) * Double(value)
                scores.cells += 1
                scores.weight += squaredWeights[Int(plan.identityCells[index]) % MarkLayout.dipoleCount]
            }
            for candidate in signs.indices {
                signs[candidate].fill(&row, period: cells.period)
                let start = candidate * IdentityScorer.stride
                for byte in 0..<IdentityScorer.stride { bits[start + byte] = row[byte] }
            }
            tables.accumulate(
                values, bits: bits, stride: IdentityScorer.stride, count: signs.count, into: &scores.sums)
            scores.energy += energy
        }
        return scores
    }

    /// Takes a source's expected value out of every cell that was seen; uses only its own signs.
    private func remove(_ removal: Removal, period: Int64, _ weights: [Float], _ values: inout [Float]) {
        var row = [UInt8](repeating: 0, count: IdentityScorer.stride)
        signs[removal.candidate].fill(&row, period: period)
        for (index, cell) in plan.identityCells.enumerated() where values[index] != 0 {
            let sign = 1 - 2 * Float(row[index >> 3] >> UInt8(index & 7) & 1)
            let weight = weights[Int(cell) % MarkLayout.dipoleCount]
            values[index] -= Float(removal.mean) * weight * weight * sign
        }
    }
}
