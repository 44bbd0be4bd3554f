package import EarmarkDSP

/// Samples of one channel in, features out; memory does not grow but for the features themselves.
package struct RecordingAnalyzer {
    private var bands: BandAnalyzer
    private var extractor: FeatureExtractor
    private var rows: [SIMD8<Float>] = []
    /// Features of all complete chunks so far.
    package private(set) var features: FeatureMatrix

    /// Prepares a channel.
    ///
    /// `expectedSeconds` is the length of the recording as far as it is known; it may be wrong. `pitch` is a factor on
    /// the recording's frequencies that is undone. `host` is what a reference holds at every frame, to be taken out.
    package init(
        transforms: any TransformProvider, expectedSeconds: Double = 0, pitch: Double = 1, host: HostTrack? = nil
    ) {
        self.init(
            transforms: transforms, expectedSeconds: expectedSeconds, path: PitchPath(constant: pitch), host: host)
    }

    /// The same for a pitch that changes along the recording.
    package init(
        transforms: any TransformProvider, expectedSeconds: Double = 0, path: PitchPath, host: HostTrack? = nil
    ) {
        extractor = FeatureExtractor(host: host)
        bands = BandAnalyzer(transforms: transforms, path: path)
        features = FeatureMatrix(expectedSeconds: expectedSeconds)
    }

    /// Takes samples at 16 kHz.
    package mutating func append(_ samples: UnsafeBufferPointer<Float>) {
        rows.removeAll(keepingCapacity: true)
        unsafe bands.append(samples, rows: &rows)
        extractor.append(rows, to: &features)
    }

    /// Completes the features at the end of the recording.
    package mutating func finish() { extractor.finish(&features) }
}
