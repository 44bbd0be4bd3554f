import EarmarkDSP

/// How far a cell stands out of its frame: what lies in a valley between formants or far below the loudest band is what
/// codecs replace by noise, rooms fill with reverberation and noise covers first.
///
/// A dipole counts by its louder band, relative to the nine bands around it and to the loudest band of the frame. A
/// frame's own spectrum decides, no key and no other frame.
@safe package enum ProminenceKernel {
    private typealias Lanes = SIMD8<Float>
    private static let width = DipoleKernel.width
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

    /// A row of even or odd band powers with its edges repeated, so that neighbourhoods need no special cases.
    private static let rowFloats = 8 * width + 2 * padding
    /// Vectors of such a row.
    private static let rowVectors = (rowFloats + 7) / 8
    /// Vectors that `measure` needs.
    package static let scratchVectors = 2 * rowVectors

    /// Reads one frame's chip-averaged band powers (even bands in the first four vectors) and writes four vectors of
    /// prominence.
    @inline(__always)
    package static func measure(
        _ mean: UnsafePointer<SIMD8<Float>>, dipoles: Int, scratch: UnsafeMutablePointer<SIMD8<Float>>,
        into row: UnsafeMutablePointer<SIMD8<Float>>
    ) {
        let even = unsafe UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
        let odd = unsafe UnsafeMutableRawPointer(scratch + rowVectors).assumingMemoryBound(to: Float.self)
        unsafe fill(mean, dipoles, even, odd)
        let scale = unsafe 1 / loudest(mean)
        let share = 1 / Float(2 * reach + 1)
        for vector in 0..<width {
            let (evens, odds) = unsafe (UnsafePointer(even + 8 * vector), UnsafePointer(odd + 8 * vector))
            let (e0, e1, e2) = unsafe (lanes(evens), lanes(evens + 1), lanes(evens + 2))
            let (e3, e4) = unsafe (lanes(evens + 3), lanes(evens + 4))
            let (o0, o1, o2) = unsafe (lanes(odds), lanes(odds + 1), lanes(odds + 2))
            let (o3, o4) = unsafe (lanes(odds + 3), lanes(odds + 4))
            // Bands 2p - 4 ... 2p + 4 around an even band, 2p - 3 ... 2p + 5 around an odd one.
            let common = e1 + e2 + e3 + e4 + o0 + o1 + o2 + o3
            let aroundEven = (common + e0) * share + DipoleKernel.leastPower
            let aroundOdd = (common + o4) * share + DipoleKernel.leastPower
            let peak = (e2 / aroundEven).greater(o2 / aroundOdd)
                .greater(Lanes(repeating: leastPeak)).lesser(Lanes(repeating: mostPeak))
            let relative = (e2.greater(o2) * scale).greater(Lanes(repeating: DipoleKernel.leastPower))
            let depth = relative.log2OfNormal * DipoleKernel.decibelsPerOctave - deepest
            let heard = (depth * (1 / ramp)).greater(.zero).lesser(Lanes(repeating: 1))
            unsafe row[vector] = peak.squareRoot() * heard
        }
    }

    @inline(__always)
    private static func fill(
        _ mean: UnsafePointer<SIMD8<Float>>, _ dipoles: Int, _ even: UnsafeMutablePointer<Float>,
        _ odd: UnsafeMutablePointer<Float>
    ) {
        let last = padding + dipoles - 1
        for vector in 0..<width {
            let place = padding + 8 * vector
            unsafe UnsafeMutableRawPointer(even + place).storeBytes(of: mean[vector], as: Lanes.self)
            unsafe UnsafeMutableRawPointer(odd + place).storeBytes(of: mean[width + vector], as: Lanes.self)
        }
        for index in 0..<padding {
            unsafe even[index] = even[padding]
            unsafe odd[index] = even[padding]
        }
        for index in last + 1..<rowFloats {
            unsafe even[index] = odd[last]
            unsafe odd[index] = odd[last]
        }
    }

    /// Power of the loudest band; lanes without a dipole hold 0.
    @inline(__always)
    private static func loudest(_ mean: UnsafePointer<SIMD8<Float>>) -> Float {
        var most = Lanes(repeating: DipoleKernel.leastPower)
        for vector in 0..<2 * width { unsafe most = most.greater(mean[vector]) }
        let fours = most.lowHalf.replacing(with: most.highHalf, where: most.highHalf .> most.lowHalf)
        let twos = fours.lowHalf.replacing(with: fours.highHalf, where: fours.highHalf .> fours.lowHalf)
        return twos[0] > twos[1] ? twos[0] : twos[1]
    }

    @inline(__always)
    private static func lanes(_ row: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(row).loadUnaligned(as: SIMD8<Float>.self)
    }
}
