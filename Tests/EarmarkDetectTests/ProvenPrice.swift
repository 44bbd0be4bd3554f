import Foundation

/// What a source pays, worked out from docs/statistics.md, sections 3 to 5a, and from nothing of the product.
struct ProvenPrice {
    /// N.
    var candidates = 1
    /// C: channels, sums of channels, and warps.
    var channels = 1
    /// K: room for alignments on each of them.
    var alignments = 1
    /// S.
    var shares = 1

    /// N C k h S, for the k-th alignment, k from 1.
    func tests(place: Int = 1) -> Double {
        Double(candidates * channels * shares) * ProvenPrice.share(place, of: alignments)
    }

    /// k h, the inverse of the share that the k-th of `count` has.
    static func share(_ place: Int, of count: Int) -> Double {
        Double(place) * (1...count).reduce(0) { $0 + 1 / Double($1) }
    }

    /// The bound, log10: c Q(z) times all that was tried, in round `round` of naming, from 1; nothing below 1e-77.
    static func log10Bound(_ z: Double, tests: Double, round: Int = 1) -> Double {
        max(-77, min(0, log10Tail(z) + log10(tests) + Double(round) * log10(2)))
    }

    /// c Q(z), c = 1 / (4 Q(sqrt 2)).
    static func log10Tail(_ z: Double) -> Double {
        min(0, log10Gaussian(z) - log10(4) - log10Gaussian(2.0.squareRoot()))
    }

    /// Q(z) for z >= 0 by Simpson's rule: the normal density at z times the integral of exp(-z u - u²/2) over u > 0.
    static func log10Gaussian(_ z: Double) -> Double {
        let steps = 40_000
        let width = 12 / Double(steps)
        var sum = 0.0
        for step in 0...steps {
            let u = Double(step) * width
            let weight = step == 0 || step == steps ? 1.0 : step % 2 == 1 ? 4 : 2
            sum += weight * exp(-z * u - u * u / 2)
        }
        return log10(sum * width / 3) - z * z / 2 / log(10) - log10(2 * Double.pi) / 2
    }
}
