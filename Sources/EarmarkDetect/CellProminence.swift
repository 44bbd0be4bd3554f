import EarmarkDSP
import EarmarkMark

/// How far a cell stands out of its frame: what lies in a valley between formants or far below the loudest band is what
/// codecs replace by noise, rooms fill with reverberation and noise covers first.
///
/// A dipole counts by its louder band, relative to the nine bands around it and to the loudest band of the frame. A
/// frame's own spectrum decides, no key and no other frame.
struct CellProminence {
    private typealias Lanes = SIMD8<Float>
    private static let width = FeatureLayout.rowVectors
    private static let dipoles = MarkLayout.dipoleCount
    /// Bands on either side of a band that its neighbourhood covers: 1.1 kHz in all, about the distance of formants.
    private static let reach = 4
    /// Dipoles of padding at either end; a neighbourhood reaches two.
    private static let padding = 2
    /// Prominence grows with the root of (band power over neighbourhood), within these limits: -10 to 5 dB.
    ///
    /// With the exponent 0.5, vocoders at 3 to 5 kbit/s gained 20 to 50 % of z, four re-shares 4 %; 1 lost elsewhere.
    private static let leastPeak: Float = 0.1
    private static let mostPeak: Float = 3.162_278
    /// Below this level relative to the frame's loudest band a cell counts for nothing, 20 dB above it for all: no
    /// transmission of speech keeps what is weaker, and a band-limited recording has only rounding noise there.
    private static let deepest: Float = -65
    private static let ramp: Float = 20
    /// Keeps ratios finite in digital silence; as in `FeatureKernels`.
    private static let leastPower: Float = 1e-20
    private static let decibelsPerOctave: Float = 3.010_299_957

    /// Even and odd band powers with their edges repeated, so that neighbourhoods need no special cases.
    private var even = [Float](repeating: 0, count: rowFloats)
    private var odd = [Float](repeating: 0, count: rowFloats)
    private static let rowFloats = FeatureLayout.rowLanes + 2 * padding

    /// Reads one frame's chip-averaged band powers (even bands in the first four vectors) and writes four vectors of
    /// prominence to `rows` from `base` on.
    mutating func measure(_ mean: [SIMD8<Float>], into rows: inout [SIMD8<Float>], at base: Int) {
        fill(mean)
        let scale = 1 / CellProminence.loudest(mean)
        let share = 1 / Float(2 * CellProminence.reach + 1)
        for vector in 0..<CellProminence.width {
            let start = 8 * vector
            let e0 = lanes(even, start)
            let e1 = lanes(even, start + 1)
            let e2 = lanes(even, start + 2)
            let e3 = lanes(even, start + 3)
            let e4 = lanes(even, start + 4)
            let o0 = lanes(odd, start)
            let o1 = lanes(odd, start + 1)
            let o2 = lanes(odd, start + 2)
            let o3 = lanes(odd, start + 3)
            let o4 = lanes(odd, start + 4)
            // Bands 2p - 4 ... 2p + 4 around an even band, 2p - 3 ... 2p + 5 around an odd one.
            let common = e1 + e2 + e3 + e4 + o0 + o1 + o2 + o3
            let aroundEven = (common + e0) * share + CellProminence.leastPower
            let aroundOdd = (common + o4) * share + CellProminence.leastPower
            let peak = (e2 / aroundEven).greater(o2 / aroundOdd)
                .greater(Lanes(repeating: CellProminence.leastPeak)).lesser(Lanes(repeating: CellProminence.mostPeak))
            let relative = (e2.greater(o2) * scale).greater(Lanes(repeating: CellProminence.leastPower))
            let depth = relative.log2OfNormal * CellProminence.decibelsPerOctave - CellProminence.deepest
            let heard = (depth * (1 / CellProminence.ramp)).greater(.zero).lesser(Lanes(repeating: 1))
            rows[base + vector] = peak.squareRoot() * heard
        }
    }

    private mutating func fill(_ mean: [SIMD8<Float>]) {
        let padding = CellProminence.padding
        let last = padding + CellProminence.dipoles - 1
        for vector in 0..<CellProminence.width {
            store(mean[vector], in: &even, at: padding + 8 * vector)
            store(mean[CellProminence.width + vector], in: &odd, at: padding + 8 * vector)
        }
        for index in 0..<padding {
            even[index] = even[padding]
            odd[index] = even[padding]
        }
        for index in last + 1..<CellProminence.rowFloats {
            even[index] = odd[last]
            odd[index] = odd[last]
        }
    }

    /// Power of the loudest band; lanes without a dipole hold 0.
    private static func loudest(_ mean: [SIMD8<Float>]) -> Float {
        var most = Lanes(repeating: leastPower)
        for vector in 0..<2 * width { most = most.greater(mean[vector]) }
        return most.max()
    }

    @inline(__always)
    private func store(_ vector: SIMD8<Float>, in row: inout [Float], at start: Int) {
        precondition(start >= 0 && start + 8 <= row.count)
        unsafe row.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: vector, toByteOffset: start * MemoryLayout<Float>.stride, as: SIMD8<Float>.self)
        }
    }

    @inline(__always)
    private func lanes(_ row: [Float], _ start: Int) -> SIMD8<Float> {
        precondition(start >= 0 && start + 8 <= row.count)
        return unsafe row.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(fromByteOffset: start * MemoryLayout<Float>.stride, as: SIMD8<Float>.self)
        }
    }
}
