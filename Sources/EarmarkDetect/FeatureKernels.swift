import EarmarkDSP
import EarmarkKernels
import EarmarkMark

/// The inner loops of feature extraction: rows of four vectors of dipoles, frame after frame.
enum FeatureKernels {
    typealias Lanes = SIMD8<Float>
    /// Vectors in a row of dipoles.
    static let width = FeatureLayout.rowVectors
    /// A band counts as heard once it stands 2 dB over its floor.
    private static let floorMargin: Float = 1.584_893

    /// Level difference over a chip, how far both bands are heard, and how far the cell stands out and keeps still.
    ///
    /// `powers` are band powers of `valid` frames and three more; each output has room for `valid` rows, `scratch`
    /// grows as needed.
    static func measure(
        powers: [SIMD8<Float>], valid: Int, floors: FloorEstimator, difference: inout [SIMD8<Float>],
        reliability: inout [SIMD8<Float>], prominence: inout [SIMD8<Float>], scratch: inout [SIMD8<Float>]
    ) {
        let floors = (floors.plain + floors.smooth).map { $0 * floorMargin + DipoleKernel.leastPower }
        let missing = DipoleKernel.scratchVectors(valid: valid) - scratch.count
        if missing > 0 { scratch.append(contentsOf: repeatElement(.zero, count: missing)) }
        precondition(
            powers.count >= (valid + FeatureLayout.framesPerChip - 1) * 2 * width && floors.count == 4 * width
                && min(difference.count, reliability.count, prominence.count) >= valid * width)
        unsafe difference.withUnsafeMutableBufferPointer { difference in
            unsafe reliability.withUnsafeMutableBufferPointer { reliability in
                unsafe prominence.withUnsafeMutableBufferPointer { prominence in
                    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                        guard let differences = difference.baseAddress, let reliabilities = reliability.baseAddress,
                            let prominences = prominence.baseAddress, let scratch = scratch.baseAddress
                        else { return }
                        unsafe Kernels.measure(
                            powers, valid: valid, dipoles: MarkLayout.dipoleCount, floors: floors, scratch: scratch,
                            into: (differences, reliabilities, prominences))
                    }
                }
            }
        }
    }

    /// Share of its power that the fainter band of a dipole has above the floor, from the dipole's reliability.
    @inline(__always)
    static func share(ofReliability reliability: SIMD8<Float>) -> SIMD8<Float> {
        let root = (reliability - DipoleKernel.leastReliability) * (1 / (1 - DipoleKernel.leastReliability))
        return root * root
    }
}
