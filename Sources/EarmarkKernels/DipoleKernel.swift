import EarmarkDSP

/// What is measured of every cell of a frame; use `Kernels`.
///
/// A row of band powers is eight vectors, the even bands of the dipoles in the first four, the odd ones in the last
/// four; a row of dipoles is four.
@safe package enum DipoleKernel {
    typealias Lanes = SIMD8<Float>
    /// Vectors in a row of dipoles.
    package static let width = 4
    /// Frames of a chip, over which powers and level differences are averaged.
    package static let chipFrames = 4
    /// Keeps logarithms finite in digital silence; far below one step of 24 bits.
    package static let leastPower: Float = 1e-20
    /// Reliability of a band at its floor.
    ///
    /// The floor is a 5 % quantile, and where noise comes and goes (babble) what lies near it still tells something.
    /// Costs 2 % of z in steady noise, gains 3 % in rooms and babble.
    package static let leastReliability: Float = 0.1
    /// Decibels of a power ratio per octave.
    static let decibelsPerOctave: Float = 3.010_299_957

    /// Weight of a chip's first and last frame beside the two in its middle, where the mark is whole.
    private static let outerFrame: Float = 0.6
    /// Square decibels by which a cell's level difference may vary within the chip before the cell counts for 0.7.
    ///
    /// Where a formant or a harmonic crosses from band to band the difference tells of that. After codec2 and AMR-NB z
    /// gains 3 and 1 %, in steady noise it loses 1.
    private static let steadySpread: Float = 33

    /// Rows of dipoles, one for every frame.
    package typealias Outputs = (
        difference: UnsafeMutablePointer<SIMD8<Float>>, reliability: UnsafeMutablePointer<SIMD8<Float>>,
        prominence: UnsafeMutablePointer<SIMD8<Float>>
    )

    /// Vectors that `measure` needs for `valid` frames: level differences of the frames, powers of one, and
    /// `ProminenceKernel`'s.
    package static func scratchVectors(valid: Int) -> Int {
        (valid + chipFrames - 1) * width + 4 * width + ProminenceKernel.scratchVectors
    }

    /// Level difference over a chip, how far both bands are heard, and how far the cell stands out and keeps still.
    ///
    /// `powers` are rows of band powers of `valid` frames and of three more; `floors` two rows, of the power averaged
    /// over a chip and of the same smoothed over three bands, with all margins. Outputs have `valid` rows.
    package static func measure(
        _ powers: UnsafePointer<SIMD8<Float>>, valid: Int, dipoles: Int, floors: UnsafePointer<SIMD8<Float>>,
        scratch: UnsafeMutablePointer<SIMD8<Float>>, into outputs: Outputs
    ) {
        let full = 2 * width
        let mean = unsafe scratch + (valid + chipFrames - 1) * width
        let smooth = unsafe mean + full
        unsafe takeLogarithms(powers, frames: valid + chipFrames - 1, into: scratch)
        for frame in 0..<valid {
            unsafe average(powers + frame * full, into: mean)
            unsafe SmoothingKernel.smooth(mean, into: smooth)
            unsafe ProminenceKernel.measure(
                mean, dipoles: dipoles, scratch: smooth + full, into: outputs.prominence + frame * width)
            for vector in 0..<width {
                let base = frame * width + vector
                let chip = unsafe Chip(
                    first: scratch[base], second: scratch[base + width], third: scratch[base + 2 * width],
                    fourth: scratch[base + 3 * width])
                let level = chip.mean
                unsafe outputs.difference[base] = level
                unsafe outputs.prominence[base] *= 1 / (1 + chip.spread(level) * (1 / steadySpread)).squareRoot()
                let even = unsafe heard(mean[vector], floors[vector]) * heard(smooth[vector], floors[full + vector])
                let oddHeard = unsafe heard(mean[width + vector], floors[width + vector])
                let odd = unsafe oddHeard * heard(smooth[width + vector], floors[full + width + vector])
                unsafe outputs.reliability[base] =
                    leastReliability + (1 - leastReliability) * even.lesser(odd).squareRoot()
            }
        }
    }

    /// Level difference of every dipole in every frame, decibels.
    @inline(__always)
    private static func takeLogarithms(
        _ powers: UnsafePointer<SIMD8<Float>>, frames: Int, into logs: UnsafeMutablePointer<SIMD8<Float>>
    ) {
        for frame in 0..<frames {
            for vector in 0..<width {
                let even = unsafe powers[2 * frame * width + vector] + leastPower
                let odd = unsafe powers[(2 * frame + 1) * width + vector] + leastPower
                unsafe logs[frame * width + vector] = (even.log2OfNormal - odd.log2OfNormal) * decibelsPerOctave
            }
        }
    }

    /// Powers of a row, averaged over the chip that begins there.
    @inline(__always)
    private static func average(_ powers: UnsafePointer<SIMD8<Float>>, into mean: UnsafeMutablePointer<SIMD8<Float>>) {
        let full = 2 * width
        for vector in 0..<full {
            unsafe mean[vector] =
                (powers[vector] + powers[vector + full] + powers[vector + 2 * full] + powers[vector + 3 * full]) * 0.25
        }
    }

    /// Level differences of the four frames of a chip.
    private struct Chip {
        var first, second, third, fourth: SIMD8<Float>

        @inline(__always)
        var mean: SIMD8<Float> {
            (outerFrame * (first + fourth) + second + third) * (0.5 / (1 + outerFrame))
        }

        /// Mean square about `mean`.
        @inline(__always)
        func spread(_ mean: SIMD8<Float>) -> SIMD8<Float> {
            let (a, b, c, d) = (first - mean, second - mean, third - mean, fourth - mean)
            return (a * a + b * b + c * c + d * d) * 0.25
        }
    }

    /// 1 - floor / power, within 0...1.
    @inline(__always)
    private static func heard(_ power: SIMD8<Float>, _ floor: SIMD8<Float>) -> SIMD8<Float> {
        (1 - floor / (power + leastPower)).greater(.zero)
    }
}

/// Mean over three neighbouring bands in the even/odd row layout.
@safe package enum SmoothingKernel {
    /// Smooths a row of band powers.
    @inline(__always)
    package static func smooth(_ row: UnsafePointer<SIMD8<Float>>, into output: UnsafeMutablePointer<SIMD8<Float>>) {
        let width = DipoleKernel.width
        let third: Float = 1 / 3
        for vector in 0..<width {
            let even = unsafe row[vector]
            let odd = unsafe row[width + vector]
            // Band 2p has neighbours 2p - 1 (odd p - 1) and 2p + 1 (odd p); band 2p + 1 has even p and p + 1.
            let before = unsafe vector > 0 ? row[width + vector - 1][7] : even[0]
            let after = unsafe vector < width - 1 ? row[vector + 1][0] : odd[3]
            var oddBefore = SIMD8<Float>(before, odd[0], odd[1], odd[2], odd[3], odd[4], odd[5], odd[6])
            var evenAfter = SIMD8<Float>(even[1], even[2], even[3], even[4], even[5], even[6], even[7], after)
            if vector == width - 1 { evenAfter[3] = odd[3] }
            oddBefore = oddBefore + odd
            evenAfter = evenAfter + even
            unsafe output[vector] = (oddBefore + even) * third
            unsafe output[width + vector] = (evenAfter + odd) * third
        }
    }
}
