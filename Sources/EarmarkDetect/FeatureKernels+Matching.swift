/// What the cells around a cell tell of its sign.
extension FeatureKernels {
    /// Weight, in a cell's feature, of the same dipole a chip earlier and later: the host's correlation of 0.2 to 0.3,
    /// less the mark's own response of 0.1.
    private static let neighbourChip: Float = -0.13
    /// Weight of the dipoles beside, which sink by 0.1 (AAC) to 0.2 (vocoders) of what the mark raises.
    private static let neighbourDipole: Float = -0.1
    /// Weight of the dipoles two away, which sink by nothing (AAC) to 0.2 (codec2).
    private static let secondDipole: Float = -0.045

    /// Adds to every feature what the cells around it tell of its sign: a matched filter, whitened.
    ///
    /// A mark lowers the dipoles beside the one that it raises (edges of resonators and windows, outlines of vocoders),
    /// and the host moves from chip to chip and between formants. One filter for everything: docs/signal-design.md has
    /// the measurements.
    static func match(_ feature: [SIMD8<Float>], valid: Int, into matched: inout [SIMD8<Float>]) {
        let chip = FeatureLayout.framesPerChip * width
        for frame in 0..<valid {
            for vector in 0..<width {
                let base = frame * width + vector
                let here = feature[base]
                let low = vector > 0 ? feature[base - 1] : .zero
                let high = vector < width - 1 ? feature[base + 1] : .zero
                let earlier = frame >= FeatureLayout.framesPerChip ? feature[base - chip] : .zero
                let later = frame + FeatureLayout.framesPerChip < valid ? feature[base + chip] : .zero
                let first =
                    Lanes(low[7], here[0], here[1], here[2], here[3], here[4], here[5], here[6])
                    + Lanes(here[1], here[2], here[3], here[4], here[5], here[6], here[7], high[0])
                let second =
                    Lanes(low[6], low[7], here[0], here[1], here[2], here[3], here[4], here[5])
                    + Lanes(here[2], here[3], here[4], here[5], here[6], here[7], high[0], high[1])
                matched[base] =
                    here + neighbourChip * (earlier + later) + neighbourDipole * first + secondDipole * second
            }
        }
    }
}
