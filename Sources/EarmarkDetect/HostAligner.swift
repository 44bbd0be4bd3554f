internal import CMath
package import EarmarkDSP
import EarmarkMark

/// Finds where in a reference, a clean recording of the meeting, each stretch of a recording was made, by the host's
/// features alone.
package struct HostAligner {
    /// Frames that are placed at a time (8.2 s).
    private static let segmentFrames = 512
    /// Frames of the reference that are compared at a time.
    private static let blockFrames = 4_096
    private static let hop = blockFrames - segmentFrames
    /// Peak over deviation of a segment's correlation from which on its place is believed; the best of a million wrong
    /// ones shows 5.5.
    private static let leastPeak = 8.0
    /// Frames by which neighbouring segments may differ and still be one stretch: 300 ppm are 0.15.
    private static let tolerance = 2.0

    private let transform: any RealTransform
    private let reference: ReferencePowers
    /// Spectra of each block and dipole.
    private let blocks: [[Float]]

    /// Prepares the reference: 29 MB an hour.
    package init(_ reference: ReferencePowers, transforms: any TransformProvider) {
        self.reference = reference
        transform = transforms.realTransform(length: HostAligner.blockFrames)
        let count = max(1, (reference.features.frames + HostAligner.hop - 1) / HostAligner.hop)
        var blocks: [[Float]] = []
        for block in 0..<count {
            for dipole in 0..<MarkLayout.dipoleCount {
                blocks.append(
                    HostAligner.spectrum(
                        reference.features, block * HostAligner.hop, HostAligner.blockFrames, dipole, transform))
            }
        }
        self.blocks = blocks
    }

    /// The reference as it sounds at every frame of the recording; nil if no stretch was found in it.
    package func track(_ features: FeatureMatrix) -> HostTrack? {
        let size = HostAligner.segmentFrames
        let count = features.frames / size
        var offsets = (0..<count).map { place(features, $0 * size) }
        // A stretch between two that agree belongs to them, however little it shows itself.
        for index in offsets.indices where offsets[index] == nil {
            guard let before = offsets[..<index].last(where: { $0 != nil }) ?? nil,
                let after = offsets[(index + 1)...].first(where: { $0 != nil }) ?? nil,
                abs(before - after) <= HostAligner.tolerance * 2
            else { continue }
            offsets[index] = (before + after) / 2
        }
        guard offsets.contains(where: { $0 != nil }) else { return nil }
        let smooth = HostAligner.smoothed(offsets)
        return HostTrack(
            reference, positions: (0..<features.frames).map { HostAligner.position($0, smooth, size) })
    }

    /// Means over neighbours that belong together.
    private static func smoothed(_ offsets: [Double?]) -> [Double?] {
        offsets.indices.map { index in
            guard let own = offsets[index] else { return nil }
            let near = offsets[max(0, index - 1)...min(offsets.count - 1, index + 1)]
                .compactMap { $0 }.filter { abs($0 - own) <= tolerance }
            return near.reduce(0, +) / Double(near.count)
        }
    }

    /// Frame of the reference at `frame`: between the middles of two segments that belong together, a straight line.
    private static func position(_ frame: Int, _ offsets: [Double?], _ size: Int) -> Double {
        let index = min(frame / size, offsets.count - 1)
        guard let own = offsets[index] else { return -1 }
        let away = (Double(frame) + 0.5) / Double(size) - Double(index) - 0.5
        let other = away < 0 ? index - 1 : index + 1
        guard offsets.indices.contains(other), let next = offsets[other], abs(next - own) <= tolerance else {
            return Double(frame) + own
        }
        return Double(frame) + own + abs(away) * (next - own)
    }

    /// Offset of the segment that begins at `start` in the reference, in frames; nil if it is not found.
    private func place(_ features: FeatureMatrix, _ start: Int) -> Double? {
        let spectra = (0..<MarkLayout.dipoleCount).map {
            HostAligner.spectrum(features, start, HostAligner.segmentFrames, $0, transform)
        }
        var sum = [Float](repeating: 0, count: HostAligner.blockFrames + 2)
        var correlation = [Float](repeating: 0, count: HostAligner.blockFrames)
        var values: [Float] = []
        values.reserveCapacity(blocks.count / MarkLayout.dipoleCount * HostAligner.hop)
        for block in 0..<blocks.count / MarkLayout.dipoleCount {
            for index in sum.indices { sum[index] = 0 }
            for dipole in 0..<MarkLayout.dipoleCount {
                PilotCorrelator.accumulate(spectra[dipole], blocks[block * MarkLayout.dipoleCount + dipole], &sum)
            }
            transform.inverse(sum, into: &correlation)
            values += correlation[..<HostAligner.hop]
        }
        return HostAligner.peak(values).map { $0 - Double(start) }
    }

    /// Place of the peak, between frames, if it stands out.
    private static func peak(_ values: [Float]) -> Double? {
        var energy = 0.0
        var best = 0
        for (index, value) in values.enumerated() {
            energy += Double(value) * Double(value)
            if value > values[best] { best = index }
        }
        let deviation = (energy / Double(max(1, values.count))).squareRoot()
        guard deviation > 0, Double(values[best]) >= leastPeak * deviation else { return nil }
        guard best > 0, best + 1 < values.count else { return Double(best) }
        let before = Double(values[best - 1]), here = Double(values[best]), after = Double(values[best + 1])
        let bend = before - 2 * here + after
        return Double(best) + (bend < 0 ? min(0.5, max(-0.5, (before - after) / (2 * bend))) : 0)
    }

    private static func spectrum(
        _ features: FeatureMatrix, _ start: Int, _ length: Int, _ dipole: Int, _ transform: any RealTransform
    ) -> [Float] {
        var buffer = [Float](repeating: 0, count: blockFrames)
        for frame in 0..<max(0, min(length, features.frames - start)) {
            buffer[frame] = Float(features.values[(start + frame) * FeatureMatrix.columns + dipole])
        }
        var bins = [Float](repeating: 0, count: blockFrames + 2)
        transform.forward(buffer, at: 0, into: &bins)
        return bins
    }
}
