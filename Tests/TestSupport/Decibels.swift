import Foundation

/// Levels and ratios in decibels.
public enum Decibels {
    /// Level of `samples`, decibels over a mean square of 1.
    public static func level(_ samples: [Float]) -> Double {
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        return 10 * log10(max(energy / Double(max(1, samples.count)), 1e-300))
    }

    /// Energy of `reference` over that of `value - reference`, decibels; infinite if they are equal.
    public static func signalToNoise(_ value: [Double], reference: [Double]) -> Double {
        precondition(value.count == reference.count)
        let signal = reference.reduce(0) { $0 + $1 * $1 }
        let noise = zip(value, reference).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return noise > 0 ? 10 * log10(signal / noise) : .infinity
    }
}
