package import EarmarkDSP

/// A clean copy of a meeting: its band powers, and its features for finding a recording in it.
package struct HostReference: Sendable {
    /// Rows of `BandAnalyzer`: 57 MB an hour.
    package fileprivate(set) var powers: [SIMD8<Float>] = []
    /// Features of the same frames.
    package fileprivate(set) var features = FeatureMatrix()

    /// Frames.
    package var frames: Int { powers.count / BandAnalyzer.rowVectors }
}

/// Samples of a clean copy in, a `HostReference` out.
package struct HostReferenceBuilder {
    private var bands: BandAnalyzer
    private var extractor = FeatureExtractor(isForSearch: true)
    private var reference = HostReference()
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
    package mutating func finish() -> HostReference {
        extractor.finish(&reference.features)
        return reference
    }
}

/// What a clean copy holds at every frame of a recording.
package struct HostTrack: Sendable {
    private let powers: [SIMD8<Float>]
    /// Frame of the copy that each frame of the recording shows; negative where that is not known.
    package let positions: [Double]

    package init(_ reference: HostReference, positions: [Double]) {
        powers = reference.powers
        let last = Double(reference.frames - 2)
        self.positions = positions.map { $0 >= 0 && $0 <= last ? $0 : -1 }
    }

    /// Share of the recording whose place in the copy is known.
    package var coverage: Double {
        positions.isEmpty ? 0 : Double(positions.count { $0 >= 0 }) / Double(positions.count)
    }

    /// Whether the place of `frame` is known.
    func isKnown(_ frame: Int) -> Bool { frame >= 0 && frame < positions.count && positions[frame] >= 0 }

    /// Appends the row of band powers that the copy has at `frame` of the recording, zeros if its place is not known.
    func appendRow(_ frame: Int, to rows: inout [SIMD8<Float>]) {
        let width = BandAnalyzer.rowVectors
        guard isKnown(frame) else {
            rows.append(contentsOf: repeatElement(.zero, count: width))
            return
        }
        let row = Int(positions[frame])
        let share = Float(positions[frame] - Double(row))
        for vector in 0..<width {
            let here = powers[row * width + vector]
            rows.append(here + share * (powers[(row + 1) * width + vector] - here))
        }
    }
}
