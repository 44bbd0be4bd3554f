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
        let slopes = isSloped ? grid.slopes : 0
        let lines = (-slopes...slopes).map { slope in
            var line = piece
            line.slope += Double(slope) * grid.slopeStep
            return line
        }
        var best = piece
        var bestSum = -Float.infinity
        let offsets = 2 * grid.offsets + 1
        for (index, sum) in evidence(lines, grid, features).enumerated() where sum > bestSum {
            (best, bestSum) = (lines[index / offsets], sum)
            best.offset += Double(index % offsets - grid.offsets) * grid.offsetStep
        }
        return best
    }

    /// Where a line at the earliest of the grid's offsets shows a chip's centre.
    private struct Place {
        /// Index of the line.
        var line: Int
        /// Rows that its offsets read.
        var rows: Range<Int>
        /// The earliest offset's, in frames of the recording.
        var earliest: Double
    }

    /// Evidence of each line at each of the grid's offsets; shape: lines x offsets.
    ///
    /// All lines about a piece and all offsets read the same few rows about a chip's centre, so its cells are added up
    /// once for every row. A chip counts at all offsets of a line or at none: none of them has more to show.
    private func evidence(_ lines: [TrackPiece], _ grid: Grid, _ features: FeatureMatrix) -> [Float] {
        let offsets = 2 * grid.offsets + 1
        let steps = lines.map { grid.offsetStep / (1 + $0.slope) }
        let chips = lines.map(FeatureSampler.chips)
        var sums = [Float](repeating: 0, count: lines.count * offsets)
        var chipSums: [Float] = []
        var places: [Place] = []
        guard let first = chips.map(\.lowerBound).min(), let end = chips.map(\.upperBound).max() else { return sums }
        for chip in first..<end {
            let centre = Double(chip * FeatureLayout.framesPerChip + FeatureLayout.chipCentre)
            places.removeAll(keepingCapacity: true)
            for (index, line) in lines.enumerated() where chips[index].contains(chip) {
                let reach = Double(grid.offsets) * steps[index]
                let earliest = line.recordingFrame(centre) - reach
                let row = Int(earliest.rounded(.down))
                let end = row + Int((2 * reach).rounded(.up)) + 2
                guard row >= 0, end <= features.frames else { continue }
                places.append(Place(line: index, rows: row..<end, earliest: earliest))
            }
            guard let low = places.map(\.rows.lowerBound).min(), let high = places.map(\.rows.upperBound).max() else {
                continue
            }
            if chipSums.count < high - low { chipSums = .init(repeating: 0, count: high - low) }
            signs.sum(ofChip: chip, features, rows: low..<high, into: &chipSums)
            for place in places {
                let (row, step) = (Double(place.rows.lowerBound), steps[place.line])
                for index in 0..<offsets {
                    // A later offset reads earlier frames.
                    let later = place.earliest + Double(2 * grid.offsets - index) * step - row
                    let below = Int(later)
                    let share = Float(later - Double(below))
                    let here = chipSums[place.rows.lowerBound - low + below]
                    let next = chipSums[place.rows.lowerBound - low + below + 1]
                    sums[place.line * offsets + index] += here + share * (next - here)
                }
            }
        }
        return sums
    }
}
