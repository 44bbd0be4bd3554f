internal import CMath
import EarmarkMark

/// What a mark of standard strength would look like in given features, and how loud the one that is there is.
enum MarkLevel {
    /// z of a lone mark of standard strength, were it in this recording and fully synchronised.
    ///
    /// At most the root of the number of identity cells, which no signs can exceed (Cauchy and Schwarz): estimates from
    /// a fraction of a second may be anything.
    static func expectedZ(_ features: FeatureMatrix, _ profile: MarkProfile) -> Double {
        let energies = features.energies()
        let share = Double(MarkLayout.identityCellsPerPeriod) / Double(MarkLayout.cellsPerPeriod)
        let chips = Double(features.frames) / Double(FeatureLayout.framesPerChip)
        let identityCells = share * chips * Double(FeatureMatrix.columns)
        var sum = 0.0
        for dipole in 0..<FeatureMatrix.columns where energies[dipole] > 0 {
            let shift = features.slopes[dipole] * profile.swing(dipole)
            // A chip is seen once, in one of four frames.
            sum += share / Double(FeatureLayout.framesPerChip) * shift * shift / energies[dipole]
        }
        return min(sum, identityCells).squareRoot()
    }

    /// Level of the pilot relative to a fresh mark of standard strength, decibels; nil if its mean is not positive.
    static func pilotLevel(
        _ alignment: Alignment, _ features: FeatureMatrix, _ profile: MarkProfile
    ) -> Double? {
        guard alignment.pilotMean > 0, features.frames > 0 else { return nil }
        var expected = 0.0
        var weight = 0.0
        for (dipole, value) in alignment.dipoleWeights.enumerated() {
            let perChip = features.slopes[dipole] * profile.swing(dipole) / Double(features.frames)
            expected += Double(value) * perChip
            weight += Double(value) * Double(value)
        }
        guard expected > 0 else { return nil }
        return 20 * log10(alignment.pilotMean * weight / expected)
    }
}

extension MarkProfile {
    /// Share of the full depth that the host's weights leave, on average over the cells that count.
    private var realisedShare: Double {
        switch self {
        // A fresh mark reached 0.63 to 0.74 of what full depth would, on a conversation, readings and speech over
        // music.
        case .contentBound: 0.69
        }
    }

    /// Level difference that a chip makes between the two bands of a dipole at standard strength, decibels.
    func swing(_ dipole: Int) -> Double {
        realisedShare
            * (Strength.standard.depth(ofBand: 2 * dipole, profile: self)
                + Strength.standard.depth(ofBand: 2 * dipole + 1, profile: self))
    }
}
