/// The filter before a rate is divided: a sinc under a Kaiser window, as long and as steep as swresample's in
/// `BlockAssembler`.
enum LowPass {
    /// The taps from the middle one outwards; all of them, the first once and the others twice, have the sum 1.
    static func taps(ratio: Int) -> [Float] {
        let step = BlockAssembler.cutoff / Double(ratio)
        let reach = Int(Double(BlockAssembler.filterSize) / 2 / step)
        let taps = (0...reach).map { index in
            let place = Double(index) / Double(reach + 1)
            return sinc(Double(index) * step)
                * bessel(Double(BlockAssembler.kaiserBeta) * (1 - place * place).squareRoot())
        }
        let sum = 2 * taps.dropFirst().reduce(0, +) + taps[0]
        return taps.map { Float($0 / sum) }
    }

    /// sin(π x) / (π x) by the sine's series: libm's differs in the last bit from processor to processor.
    private static func sinc(_ x: Double) -> Double {
        guard x != 0 else { return 1 }
        // π times the distance from the nearest whole number, at most π / 2.
        let nearest = x.rounded()
        let angle = Double.pi * (x - nearest)
        var term = angle
        var sine = angle
        var order = 1.0
        while term.magnitude > 1e-18 {
            term *= -angle * angle / ((order + 1) * (order + 2))
            sine += term
            order += 2
        }
        return (nearest.truncatingRemainder(dividingBy: 2) == 0 ? sine : -sine) / (Double.pi * x)
    }

    /// The modified Bessel function of the first kind and order 0, by its series.
    private static func bessel(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var order = 1.0
        while term > 1e-18 * sum {
            term *= x * x / (4 * order * order)
            sum += term
            order += 1
        }
        return sum
    }
}
