/// The loops between samples and band powers; use `Kernels`.
@safe package enum SpectrumKernel {
    private typealias Lanes = SIMD8<Float>

    /// `windowed[i] = samples[i] * window[i]`; `count` is a multiple of 8.
    package static func window(
        _ samples: UnsafePointer<Float>, _ window: UnsafePointer<Float>, into windowed: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        var index = 0
        while index < count {
            let product = unsafe eight(samples + index) * eight(window + index)
            unsafe UnsafeMutableRawPointer(windowed + index).storeBytes(of: product, as: Lanes.self)
            index += Lanes.scalarCount
        }
    }

    /// `powers[i] = re[i]² + im[i]²` of a spectrum of pairs (re, im); `count` bins.
    package static func powers(
        _ spectrum: UnsafePointer<Float>, into powers: UnsafeMutablePointer<Float>, count: Int
    ) {
        var bin = 0
        while bin + Lanes.scalarCount <= count {
            let pairs = unsafe UnsafeRawPointer(spectrum + 2 * bin).loadUnaligned(as: SIMD16<Float>.self)
            let (re, im) = (pairs.evenHalf, pairs.oddHalf)
            unsafe UnsafeMutableRawPointer(powers + bin).storeBytes(of: re * re + im * im, as: Lanes.self)
            bin += Lanes.scalarCount
        }
        while bin < count {
            let (re, im) = unsafe (spectrum[2 * bin], spectrum[2 * bin + 1])
            unsafe powers[bin] = re * re + im * im
            bin += 1
        }
    }

    /// Bins of a band that are added side by side; bands have their shares for at least so many.
    package static let bandLanes = Lanes.scalarCount

    /// Writes the power of every band: the bins from `starts[band]` on by their `shares`, of which a band has
    /// `binsPerBand`, at least `bandLanes`.
    ///
    /// Even bands go to the first half of `row`, odd ones to the second, which begins at `half`.
    package static func integrate(
        _ powers: UnsafePointer<Float>, shares: UnsafePointer<Float>, binsPerBand: Int, starts: UnsafePointer<Int32>,
        bands: Int, into row: UnsafeMutablePointer<Float>, half: Int
    ) {
        for band in 0..<bands {
            let bins = unsafe powers + Int(starts[band])
            let share = unsafe shares + band * binsPerBand
            let products = unsafe eight(share) * eight(bins)
            let fours = products.lowHalf + products.highHalf
            let twos = fours.lowHalf + fours.highHalf
            var sum = twos[0] + twos[1]
            for bin in bandLanes..<binsPerBand { unsafe sum += share[bin] * bins[bin] }
            unsafe row[(band & 1) * half + band / 2] = sum
        }
    }

    @inline(__always)
    private static func eight(_ base: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(base).loadUnaligned(as: SIMD8<Float>.self)
    }
}
