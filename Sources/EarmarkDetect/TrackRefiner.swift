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
            var line = piece
            line.slope += Double(slope) * grid.slopeStep
            for (index, sum) in evidence(line, grid, features).enumerated() where sum > bestSum {
                (best, bestSum) = (line, sum)
                best.offset += Double(index - grid.offsets) * grid.offsetStep
            }
        }
        return best
    }

    /// Evidence of a line at each of the grid's offsets.
    ///
    /// They read the same few rows about a chip's centre, so its cells are added up once for every row. A chip counts
    /// at all offsets or at none: none of them has more to show.
    private func evidence(_ line: TrackPiece, _ grid: Grid, _ features: FeatureMatrix) -> [Float] {
        let step = grid.offsetStep / (1 + line.slope)
        let reach = Double(grid.offsets) * step
        let rows = Int((2 * reach).rounded(.up)) + 2
        var sums = [Float](repeating: 0, count: 2 * grid.offsets + 1)
        var chipSums = [Float](repeating: 0, count: rows)
        for chip in FeatureSampler.chips(of: line) {
            let centre = Double(chip * FeatureLayout.framesPerChip + FeatureLayout.chipCentre)
            let earliest = line.recordingFrame(centre) - reach
            let row = Int(earliest.rounded(.down))
            guard row >= 0, row + rows <= features.frames else { continue }
            signs.sum(ofChip: chip, features, row: row, into: &chipSums)
            for index in sums.indices {
                // A later offset reads earlier frames.
                let place = earliest + Double(2 * grid.offsets - index) * step - Double(row)
                let below = Int(place)
                let share = Float(place - Double(below))
                sums[index] += chipSums[below] + share * (chipSums[below + 1] - chipSums[below])
            }
        }
        return sums
    }
}
