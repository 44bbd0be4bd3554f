internal import CMath
import EarmarkMark

/// What a mark of standard strength would look like in given features, and how loud the one that is there is.
enum MarkLevel {
    /// z of a lone mark of standard strength, were it in this recording and fully synchronised.
    ///
    /// What noise and missing bands took is seen in the recording (`FeatureMatrix.heardSlopes`), what codecs and
    /// rooms took is not: the profile says between what it lies. At most the root of the number of identity cells,
    /// which no signs can exceed (Cauchy and Schwarz): estimates from a fraction of a second may be anything.
    static func expectation(_ features: FeatureMatrix, _ profile: MarkProfile) -> MarkExpectation {
        let shares = profile.expectation(isNarrow: 2 * features.narrowFrames > features.frames)
        let energies = features.energies()
        let share = Double(MarkLayout.identityCellsPerPeriod) / Double(MarkLayout.cellsPerPeriod)
        let chips = Double(features.frames) / Double(FeatureLayout.framesPerChip)
        let identityCells = share * chips * Double(FeatureMatrix.columns)
        var sum = 0.0
        for dipole in 0..<FeatureMatrix.columns where energies[dipole] > 0 {
            let shift = features.heardSlopes[dipole] * profile.heardSwing(dipole)
            // A chip is seen once, in one of four frames.
            sum += share / Double(FeatureLayout.framesPerChip) * shift * shift / energies[dipole]
        }
        let most = identityCells.squareRoot()
        let whole = sum.squareRoot()
        return MarkExpectation(
            z: min(shares.median * whole, most), least: min(shares.least * whole, most),
            most: min(shares.most * whole, most))
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

    /// Share of the full depth that the host's weights leave where the host is heard, at most: fresh marks reached
    /// 0.78 to 0.9.
    private var heardShare: Double {
        switch self {
        case .contentBound: 0.9
        }
    }

    /// Level difference that a chip makes where the host is heard, decibels.
    func heardSwing(_ dipole: Int) -> Double { heardShare / realisedShare * swing(dipole) }

    /// Shares of z that recordings keep beside what is heard to be lost: of known ones nine in ten lie within.
    func expectation(isNarrow: Bool) -> (least: Double, median: Double, most: Double) {
        switch self {
        // docs/measurements/2026-11-29-expectation.md. Codecs of telephones keep a waveform or invent one, rooms and
        // babble sound like speech, and nothing that is heard tells which.
        case .contentBound: isNarrow ? (0.08, 0.25, 1.1) : (0.15, 0.6, 1.25)
        }
    }

    /// Level difference that a chip makes between the two bands of a dipole at standard strength, decibels.
    func swing(_ dipole: Int) -> Double {
        realisedShare
            * (Strength.standard.depth(ofBand: 2 * dipole, profile: self)
                + Strength.standard.depth(ofBand: 2 * dipole + 1, profile: self))
    }
}
