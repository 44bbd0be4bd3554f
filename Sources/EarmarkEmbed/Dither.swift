internal import EarmarkMark

/// Triangular dither of +-1 step (Lipshitz, Wannamaker, Vanderkooy 1992): makes rounding errors independent of the mark.
struct Dither {
    private var generator = SplitMix64(state: 0)

    /// Width above which rounding noise is far below anything audible (-120 dBFS): no dither.
    static let widestDithered = 20

    /// Sum of two uniform numbers, -1...1, triangular.
    mutating func next() -> Double {
        let bits = generator.next()
        let a = Double(bits >> 32), b = Double(bits & 0xffff_ffff)
        return (a - b) / 4_294_967_296
    }
}
