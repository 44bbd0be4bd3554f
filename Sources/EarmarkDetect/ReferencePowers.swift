package import EarmarkDSP

/// A reference, a clean recording of a meeting: its band powers, and its features for finding a recording in it.
package struct ReferencePowers: Sendable {
    /// Rows of `BandAnalyzer`: 57 MB an hour.
    package fileprivate(set) var powers: [SIMD8<Float>] = []
    /// Features of the same frames.
    package fileprivate(set) var features = FeatureMatrix()

    /// Frames.
    package var frames: Int { powers.count / BandAnalyzer.rowVectors }
}

/// Samples of a reference in, a `ReferencePowers` out.
package struct ReferencePowersBuilder {
    private var bands: BandAnalyzer
    private var extractor = FeatureExtractor(isForSearch: true)
    private var reference = ReferencePowers()
    private var rows: [SIMD8<Float>] = []

    package init(transforms: any TransformProvider) { bands = BandAnalyzer(transforms: transforms) }

    /// Takes samples at 16 kHz.
    package mutating func append(_ samples: UnsafeBufferPointer<Float>) {
        rows.removeAll(keepingCapacity: true)
        unsafe bands.append(samples, rows: &rows)
        reference.powers += rows
        extractor.append(rows, to: &reference.features)
    }

    /// What was taken in.
    package mutating func finish() -> ReferencePowers {
        extractor.finish(&reference.features)
        return reference
    }
}
