internal import CMath

/// The proven bound on false accusation.
///
/// For fixed values U and independent fair signs s, S = sum U_j s_j / sqrt(sum U_j^2) satisfies, for all x,
/// P(S >= x) <= c P(N(0,1) >= x) with c = 1 / (4 P(N >= sqrt 2)), the smallest possible constant:
/// V. K. Bentkus and D. Dzindzalieta, "A tight Gaussian bound for weighted sums of Rademacher random variables",
/// Bernoulli 21(2), 2015, Theorem 1.1. docs/statistics.md has the whole argument.
public enum RademacherBound {
    /// log10 of c = 3.1786...
    public static let log10Constant = log10(1 / (4 * 0.5 * erfc(1)))

    /// log10 of the bound on P(S >= z); 0 (certainty) for z so small that the bound says nothing.
    public static func log10Tail(_ z: Double) -> Double { min(0, log10Constant + log10GaussianTail(z)) }

    /// log10 of the upper tail of the standard normal distribution.
    public static func log10GaussianTail(_ z: Double) -> Double {
        // erfc underflows near z = 38; from 20 on its asymptotic continued fraction is exact to double precision.
        if z < 20 { return log10(0.5 * erfc(z / 2.0.squareRoot())) }
        var fraction = z
        for k in stride(from: 40, to: 0, by: -1) { fraction = z + Double(k) / fraction }
        return -z * z / 2 * log10(exp(1)) - log10(fraction) - 0.5 * log10(2 * Double.pi)
    }

    /// Smallest z whose bound, multiplied by 10^`log10Hypotheses`, is at most 10^`log10Threshold`.
    public static func requiredZ(log10Threshold: Double, log10Hypotheses: Double) -> Double {
        var low = 0.0
        var high = 60.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if log10Tail(middle) + log10Hypotheses > log10Threshold { low = middle } else { high = middle }
        }
        return high
    }
}
