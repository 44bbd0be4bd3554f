import EarmarkMark

/// Learns from the pilot, or other signs that all clients share, how much of the mark each dipole still carries.
///
/// The best weight of a cell is its expected mean over its variance, which is the regression of the features on the
/// pilot signs. Each dipole's estimate is drawn towards the mean of all, as far as its own noise warrants.
package enum DipoleWeights {
    /// Weights by dipole, and the mean over pilot cells of weighted feature times sign, per squared weight.
    package struct Learnt: Sendable {
        package var weights: [Float]
        package var mean: Double
    }

    /// Spread of dipoles around their mean, relative to it: telephones and pockets kill half of them.
    private static let spread = 0.7
    /// No dipole counts for less: the pilot may be locally weak where the mark is not.
    private static let least = 0.05

    package static func learn(_ track: Track, features: FeatureMatrix, signs: SharedSigns) -> Learnt {
        let evidence = Evidence(track, features, signs)
        let weights = posterior(evidence.sums, evidence.energies)
        return Learnt(weights: weights, mean: evidence.mean(weights))
    }

    /// The mean over cells of `signs` under weights that were learnt elsewhere.
    package static func mean(
        _ weights: [Float], _ track: Track, features: FeatureMatrix, signs: SharedSigns
    ) -> Double {
        Evidence(track, features, signs).mean(weights)
    }

    /// What the cells of known signs show along a track, by dipole.
    private struct Evidence {
        var sums = [Double](repeating: 0, count: MarkLayout.dipoleCount)
        var energies = [Double](repeating: 0, count: MarkLayout.dipoleCount)
        var cells = [Int](repeating: 0, count: MarkLayout.dipoleCount)

        init(_ track: Track, _ features: FeatureMatrix, _ known: SharedSigns) {
            for piece in track.pieces {
                FeatureSampler.forEachChip(piece, chips: FeatureSampler.chips(of: piece), frames: features.frames) {
                    chip, row, share in
                    for cell in known.cells(ofChip: chip) {
                        let dipole = Int(known.dipoles[cell])
                        let value = Double(FeatureSampler.value(features, row, share, dipole))
                        sums[dipole] += value * Double(known.signs[cell])
                        energies[dipole] += value * value
                        cells[dipole] += 1
                    }
                }
            }
        }

        /// Mean of weighted feature times sign, per squared weight.
        func mean(_ weights: [Float]) -> Double {
            var sum = 0.0
            var weight = 0.0
            for dipole in weights.indices {
                let value = Double(weights[dipole])
                sum += value * sums[dipole]
                weight += value * value * Double(cells[dipole])
            }
            return weight > 0 ? sum / weight : 0
        }
    }

    /// Regression coefficients, each shrunk to the common one by Bayes' rule for normal errors.
    private static func posterior(_ sums: [Double], _ energies: [Double]) -> [Float] {
        let total = sums.reduce(0, +)
        let energy = energies.reduce(0, +)
        guard energy > 0, total > 0 else { return .init(repeating: 1, count: sums.count) }
        let common = total / energy
        let priorPrecision = 1 / (spread * common * spread * common)
        return sums.indices.map { dipole in
            // The error of sum / energy has variance 1 / energy when the signs are fair.
            let precision = energies[dipole]
            let estimate = (sums[dipole] + priorPrecision * common) / (precision + priorPrecision)
            return Float(max(least, estimate / common))
        }
    }
}
