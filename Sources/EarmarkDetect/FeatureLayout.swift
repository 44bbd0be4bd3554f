import EarmarkMark

/// The detector's clock and shapes.
package enum FeatureLayout {
    /// Analysis sample rate, hertz.
    package static let sampleRate = 16_000.0
    /// Samples between frames: a quarter of a chip.
    package static let hop = 256
    /// Samples in an analysis window: three quarters of a chip.
    package static let window = 768
    /// Frames in a chip.
    package static let framesPerChip = 4
    /// Frames in a period of the mark.
    package static let framesPerPeriod = framesPerChip * MarkLayout.chipsPerPeriod
    /// Frames a second (62.5).
    package static let framesPerSecond = sampleRate / Double(hop)
    /// A feature averages frames f ..< f + 4; its centre lies this many hops after the start of frame f.
    package static let centreDelay = 3
    /// Meeting frame (in hops, from the start of a period) of the centre of chip `k` is `4 k + 2`; seen as a feature
    /// index it is `4 k + chipCentre`.
    package static let chipCentre = 2 - centreDelay
    /// Lanes of a row of dipoles: 28 and 4 unused.
    package static let rowLanes = 32
    /// SIMD8 vectors in a row of dipoles.
    package static let rowVectors = rowLanes / 8
}
