package import EarmarkMark

/// Sharpens each piece of a track by the pilot, or other signs that all clients share: quarter frames of offset and
/// steps of 60 ppm of slope.
///
/// First the coarse grid of (slope, offset), then a finer one around its best.
package struct TrackRefiner {
    private let signs: SharedSigns

    /// Steps of a grid: `count` to either side of the start.
    private struct Grid {
        var slopeStep: Double
        var slopes: Int
        var offsetStep: Double
        var offsets: Int
    }

    /// +-480 ppm in steps of 120 (half a frame at the ends of 131 s), +-1.5 frames in steps of a half.
    private static let coarse = Grid(slopeStep: 120e-6, slopes: 4, offsetStep: 0.5, offsets: 3)
    private static let fine = Grid(slopeStep: 40e-6, slopes: 2, offsetStep: 0.25, offsets: 1)
    /// Frames from which on a piece's slope matters (16 s).
    private static let leastSlopedFrames = 1_000

    /// Sharpens by the pilot.
    package init(plan: CellPlan) { signs = SharedSigns(pilotOf: plan) }

    /// Sharpens by other signs that all clients share.
    package init(signs: SharedSigns) { self.signs = signs }

    package func refine(_ track: Track, features: FeatureMatrix) -> Track {
        var refined = track
        for index in refined.pieces.indices {
            var piece = refined.pieces[index]
            let isSloped = piece.frames.count >= TrackRefiner.leastSlopedFrames
            piece = best(around: piece, TrackRefiner.coarse, isSloped, features)
            refined.pieces[index] = best(around: piece, TrackRefiner.fine, isSloped, features)
        }
        return refined
    }

    private func best(
        around piece: TrackPiece, _ grid: Grid, _ isSloped: Bool, _ features: FeatureMatrix
    ) -> TrackPiece {
        var best = piece
        var bestSum = -Float.infinity
        let slopes = isSloped ? grid.slopes : 0
        for slope in -slopes...slopes {
            for offset in -grid.offsets...grid.offsets {
                var trial = piece
                trial.slope += Double(slope) * grid.slopeStep
                trial.offset += Double(offset) * grid.offsetStep
                let sum = evidence(trial, features)
                if sum > bestSum { (best, bestSum) = (trial, sum) }
            }
        }
        return best
    }

    private func evidence(_ piece: TrackPiece, _ features: FeatureMatrix) -> Float {
        var sum: Float = 0
        FeatureSampler.forEachChip(piece, chips: FeatureSampler.chips(of: piece), frames: features.frames) {
            chip, row, share in
            for cell in signs.cells(ofChip: chip) {
                sum +=
                    signs.signs[cell]
                    * FeatureSampler.value(features, row, share, Int(signs.dipoles[cell]))
            }
        }
        return sum
    }
}
