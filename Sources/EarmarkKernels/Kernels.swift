internal import CMath

#if EARMARK_V3
    internal import EarmarkKernelsV3
#endif

/// The inner loops of decoding and analysis, on memory that the caller has checked.
///
/// They are compiled twice, for any processor and for x86-64-v3 (AVX2), and chosen at run time: same bits, half the
/// time. They take pointers and numbers alone, since what is generic would be compiled for one processor and linked
/// for all. Thread-safe: they keep nothing.
@safe package enum Kernels {
    /// Instructions that the loops are compiled for.
    package enum Instructions: Sendable {
        /// What every processor of the architecture has.
        case baseline
        /// x86-64-v3.
        case v3

        /// The best that this processor has.
        package static let best: Instructions = earmark_cpu_is_x86_64_v3() != 0 ? .v3 : .baseline
    }

    /// Rows of band powers, and what is measured on them; see `DipoleKernel`.
    package typealias Rows = UnsafePointer<SIMD8<Float>>
    package typealias MutableRows = UnsafeMutablePointer<SIMD8<Float>>

    /// See `DividerKernel.filter`.
    package static func filter(
        _ middle: UnsafePointer<Float>, taps: UnsafePointer<Float>, places: UnsafePointer<DividerKernel.Places>,
        tapCount: Int, into target: UnsafeMutablePointer<Float>, count: Int, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.DividerKernel.filter(
                    middle, taps: taps, places: places, tapCount: tapCount, into: target, count: count)
            }
        #endif
        unsafe DividerKernel.filter(
            middle, taps: taps, places: places, tapCount: tapCount, into: target, count: count)
    }

    /// See `DividerKernel.gather`; copies are no quicker with other instructions.
    package static func gather(
        _ samples: UnsafePointer<Float>, step: Int, into target: UnsafeMutablePointer<Float>, count: Int
    ) {
        unsafe DividerKernel.gather(samples, step: step, into: target, count: count)
    }

    /// See `SpectrumKernel.window`.
    package static func window(
        _ samples: UnsafePointer<Float>, _ window: UnsafePointer<Float>, into windowed: UnsafeMutablePointer<Float>,
        count: Int, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SpectrumKernel.window(samples, window, into: windowed, count: count)
            }
        #endif
        unsafe SpectrumKernel.window(samples, window, into: windowed, count: count)
    }

    /// See `SpectrumKernel.powers`.
    package static func powers(
        _ spectrum: UnsafePointer<Float>, into powers: UnsafeMutablePointer<Float>, count: Int,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SpectrumKernel.powers(spectrum, into: powers, count: count)
            }
        #endif
        unsafe SpectrumKernel.powers(spectrum, into: powers, count: count)
    }

    /// See `SpectrumKernel.integrate`.
    package static func integrate(
        _ powers: UnsafePointer<Float>, shares: UnsafePointer<Float>, binsPerBand: Int, starts: UnsafePointer<Int32>,
        bands: Int, into row: UnsafeMutablePointer<Float>, half: Int, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SpectrumKernel.integrate(
                    powers, shares: shares, binsPerBand: binsPerBand, starts: starts, bands: bands, into: row,
                    half: half)
            }
        #endif
        unsafe SpectrumKernel.integrate(
            powers, shares: shares, binsPerBand: binsPerBand, starts: starts, bands: bands, into: row, half: half)
    }

    /// See `CorrelationKernel.addTurned`.
    package static func addTurned(
        _ scores: UnsafePointer<Int16>, shift: Int, to sums: UnsafeMutablePointer<Int32>, count: Int,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.CorrelationKernel.addTurned(
                    scores, shift: shift, to: sums, count: count)
            }
        #endif
        unsafe CorrelationKernel.addTurned(scores, shift: shift, to: sums, count: count)
    }

    /// See `CorrelationKernel.add`.
    package static func add(
        _ impulses: UnsafeBufferPointer<CorrelationKernel.Impulse>, rows: UnsafePointer<Int16>, length: Int,
        to sums: UnsafeMutablePointer<Int16>, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.CorrelationKernel.add(impulses, rows: rows, length: length, to: sums)
            }
        #endif
        unsafe CorrelationKernel.add(impulses, rows: rows, length: length, to: sums)
    }

    /// See `DipoleKernel.measure`.
    package static func measure(
        _ powers: Rows, valid: Int, dipoles: Int, floors: Rows, scratch: MutableRows,
        into outputs: DipoleKernel.Outputs, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.DipoleKernel.measure(
                    powers, valid: valid, dipoles: dipoles, floors: floors, scratch: scratch, into: outputs)
            }
        #endif
        unsafe DipoleKernel.measure(
            powers, valid: valid, dipoles: dipoles, floors: floors, scratch: scratch, into: outputs)
    }

    /// See `ChipKernel.add`.
    package static func addChips(
        _ values: UnsafePointer<Int8>, frames: Int, centre: Double, step: Double, line: ChipKernel.Line,
        weights: UnsafePointer<Float>, to cells: UnsafeMutablePointer<Float>, count: Int,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.ChipKernel.add(
                    values, frames: frames, centre: centre, step: step, line: line, weights: weights, to: cells,
                    count: count)
            }
        #endif
        unsafe ChipKernel.add(
            values, frames: frames, centre: centre, step: step, line: line, weights: weights, to: cells, count: count)
    }

    /// See `ChipKernel.load`.
    package static func load(
        _ planes: UnsafePointer<Float>, size: Int, cells: UnsafePointer<Int32>, count: Int, into values: MutableRows,
        energy: inout SIMD8<Double>, used: inout SIMD8<Int32>, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.ChipKernel.load(
                    planes, size: size, cells: cells, count: count, into: values, energy: &energy, used: &used)
            }
        #endif
        unsafe ChipKernel.load(
            planes, size: size, cells: cells, count: count, into: values, energy: &energy, used: &used)
    }

    /// See `SignKernel.tabulate`.
    package static func tabulate(
        _ values: Rows, into table: MutableRows, _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 { return unsafe EarmarkKernelsV3.SignKernel.tabulate(values, into: table) }
        #endif
        unsafe SignKernel.tabulate(values, into: table)
    }

    /// See `SignKernel.look`.
    package static func look(
        _ table: Rows, _ bits: UnsafePointer<UInt8>, stride: Int, bytes: Int, to sums: MutableRows, count: Int,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SignKernel.look(
                    table, bits, stride: stride, bytes: bytes, to: sums, count: count)
            }
        #endif
        unsafe SignKernel.look(table, bits, stride: stride, bytes: bytes, to: sums, count: count)
    }

    /// See `SignKernel.flush`.
    package static func flush(
        _ sums: MutableRows, to totals: UnsafeMutablePointer<SIMD8<Double>>, count: Int,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SignKernel.flush(sums, to: totals, count: count)
            }
        #endif
        unsafe SignKernel.flush(sums, to: totals, count: count)
    }

    /// See `SignKernel.sum`.
    package static func sum(
        _ values: Rows, _ bits: UnsafePointer<UInt8>, bytes: Int, to total: UnsafeMutablePointer<SIMD8<Double>>,
        _ instructions: Instructions = .best
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                return unsafe EarmarkKernelsV3.SignKernel.sum(values, bits, bytes: bytes, to: total)
            }
        #endif
        unsafe SignKernel.sum(values, bits, bytes: bytes, to: total)
    }
}
