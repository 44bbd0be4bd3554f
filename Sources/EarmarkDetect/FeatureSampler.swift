import EarmarkMark

/// Reads features at chip centres along a track piece.
///
/// Chips of a piece are counted on the piece's own line: chip `256 * p + k` is chip k of its local period p.
package enum FeatureSampler {
    /// The chips whose centres lie within the piece.
    package static func chips(of piece: TrackPiece) -> Range<Int> {
        let step = Double(FeatureLayout.framesPerChip)
        let centre = Double(FeatureLayout.chipCentre)
        let first = (piece.meetingFrame(Double(piece.frames.lowerBound)) - centre) / step
        let end = (piece.meetingFrame(Double(piece.frames.upperBound)) - centre) / step
        let low = Int(first.rounded(.up))
        return low..<max(low, Int(end.rounded(.up)))
    }

    /// Calls `body` for every chip of `chips` that lies inside the recording, with the row of features before its
    /// centre and the share of the row after.
    @inline(__always)
    package static func forEachChip(
        _ piece: TrackPiece, chips: Range<Int>, frames: Int, _ body: (_ chip: Int, _ row: Int, _ share: Float) -> Void
    ) {
        let step = Double(FeatureLayout.framesPerChip)
        let centre = Double(FeatureLayout.chipCentre)
        for chip in chips {
            let position = piece.recordingFrame(Double(chip) * step + centre)
            let row = Int(position.rounded(.down))
            if row >= 0 && row + 1 < frames { body(chip, row, Float(position - Double(row))) }
        }
    }

    /// The feature of `dipole` between `row` and the next.
    @inline(__always)
    package static func value(_ features: FeatureMatrix, _ row: Int, _ share: Float, _ dipole: Int) -> Float {
        let base = row * FeatureMatrix.columns + dipole
        let here = Float(features.values[base])
        return here + share * (Float(features.values[base + FeatureMatrix.columns]) - here)
    }
}
