import EarmarkMark
import Foundation

/// Random numbers that repeat: every test names its seed.
public struct NoiseSource: Sendable {
    private var generator: SplitMix64
    private var spare: Double?

    /// Starts a sequence of its own for every `seed`.
    public init(seed: UInt64) { generator = SplitMix64(state: seed &* 0x2545_f491_4f6c_dd1d) }

    /// The next 64 bits.
    public mutating func bits() -> UInt64 { generator.next() }

    /// Uniform within 0..<1.
    public mutating func uniform() -> Double { Double(generator.next() >> 11) / 9_007_199_254_740_992 }

    /// Uniform within `range`.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Uniform over `range`.
    public mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(generator.next() % UInt64(range.count))
    }

    /// Standard normal (Box and Muller).
    public mutating func gaussian() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    /// `count` samples of white noise of standard deviation `deviation`.
    public mutating func white(_ count: Int, deviation: Double) -> [Float] {
        (0..<count).map { _ in Float(gaussian() * deviation) }
    }
}
