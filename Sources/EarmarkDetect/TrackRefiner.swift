package import EarmarkMark

/// Sharpens each piece of a track by the pilot alone: quarter frames of offset and steps of 60 ppm of slope.
package struct TrackRefiner {
    private let signs: [Int8]

    /// Pilot signs by cell; 0 elsewhere.
    package init(plan: CellPlan) {
        var signs = [Int8](repeating: 0, count: MarkLayout.cellsPerPeriod)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { signs[Int(cell)] = sign }
        self.signs = signs
    }

    package func refine(_ track: Track, features: FeatureMatrix) -> Track {
        var refined = track
        for index in refined.pieces.indices { refined.pieces[index] = refine(refined.pieces[index], features) }
        return refined
    }

    private func refine(_ piece: TrackPiece, _ features: FeatureMatrix) -> TrackPiece {
        var best = piece
        var bestSum = -Float.infinity
        // Slopes only where the piece is long enough (16 s) for 60 ppm to matter.
        let slopes = piece.frames.count >= 1_000 ? Array(-8...8) : [0]
        for slopeStep in slopes {
            for offsetStep in -6...6 {
                var trial = piece
                trial.slope = (slopes.count > 1 ? 0 : piece.slope) + Double(slopeStep) * 60e-6
                trial.offset += Double(offsetStep) * 0.25
                let sum = pilotSum(trial, features)
                if sum > bestSum { (best, bestSum) = (trial, sum) }
            }
        }
        return best
    }

    private func pilotSum(_ piece: TrackPiece, _ features: FeatureMatrix) -> Float {
        var sum: Float = 0
        FeatureSampler.forEachChip(piece, chips: FeatureSampler.chips(of: piece), frames: features.frames) {
            chip, row, share in
            let base = (chip & (MarkLayout.chipsPerPeriod - 1)) * MarkLayout.dipoleCount
            for dipole in 0..<MarkLayout.dipoleCount {
                let sign = signs[base + dipole]
                if sign != 0 { sum += Float(sign) * FeatureSampler.value(features, row, share, dipole) }
            }
        }
        return sum
    }
}
