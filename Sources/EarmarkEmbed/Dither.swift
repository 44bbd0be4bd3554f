internal import EarmarkMark

/// Triangular dither of +-1 step (Lipshitz, Wannamaker, Vanderkooy 1992): makes rounding errors independent of the mark.
struct Dither {
    private var generator = SplitMix64(state: 0)

    /// Width above which rounding noise is far below anything audible (-120 dBFS): no dither.
    static let widestDithered = 20

    /// Sum of two uniform numbers, -1...1, triangular.
    mutating func next() -> Double {
        let bits = generator.next()
        // One signed conversion: unsigned ones take several instructions each.
        return Double(Int64(bits >> 32) - Int64(bits & 0xffff_ffff)) * (1 / 4_294_967_296)
    }
}
