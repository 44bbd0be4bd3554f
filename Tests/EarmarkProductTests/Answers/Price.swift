import Foundation

/// What evidence costs, from the formulas of docs/statistics.md, sections 3 and 4, and nothing else.
struct Price {
    /// N, the clients that could be named.
    var candidates = 4
    /// C, channels and sums of channels that are examined, and warps of each track.
    var channels: Int
    /// K, places for alignments on each of them: 4, 21, 39 for fast, normal, exhaustive.
    var alignments = 21
    /// S, into how many shares the bound is divided: 1, 2, 3, or 1 where meetings are searched.
    var shares = 2

    /// log10 of c Q(z), section 3.
    static func log10Tail(_ z: Double) -> Double {
        let constant = 1 / (4 * 0.5 * erfc(1.0))
        return log10(constant * 0.5 * erfc(z / 2.0.squareRoot()))
    }

    /// log10 of N C (k h) S 2^r, where h is the sum of 1/k over all K places.
    func log10Paid(place: Int, round: Int) -> Double {
        let harmonic = (1...alignments).reduce(0) { $0 + 1 / Double($1) }
        return log10(Double(candidates * channels * place * shares)) + log10(harmonic) + Double(round) * log10(2)
    }

    /// The bound of a source with evidence `z` on the alignment at `place`, from 1, named in `round`.
    func bound(_ z: Double, place: Int = 1, round: Int = 1) -> Double {
        max(-77, min(0, Price.log10Tail(z) + log10Paid(place: place, round: round)))
    }

    /// Whether `bound` is that of evidence `z` on one of the first five alignments, among which the right one is as a
    /// rule.
    func isBound(_ bound: Double, of z: Double) -> Bool {
        (1...5).contains { abs(self.bound(z, place: $0) - bound) < 1e-6 }
    }

    /// The least z that meets `log10Threshold` on the alignment at `place`.
    func requiredZ(_ log10Threshold: Double, place: Int) -> Double {
        var (low, high) = (0.0, 37.0)
        while high - low > 1e-10 {
            let middle = (low + high) / 2
            let isEnough = Price.log10Tail(middle) + log10Paid(place: place, round: 1) <= log10Threshold
            if isEnough { high = middle } else { low = middle }
        }
        return high
    }

    /// Where `tested` of an answer differs from this price, and from `times` and `placements`; nothing if it agrees.
    func differences(
        from tested: JSON, effort: String = "normal", times: Int?, placements: Int? = nil, log10Threshold: Double = -9
    ) -> [String] {
        let numbers: [(String, Int?)] = [
            ("candidates", candidates), ("hypotheses", channels * alignments), ("times", times),
            ("placements", placements),
        ]
        let levels = [
            ("log10Threshold", log10Threshold), ("requiredZ", requiredZ(log10Threshold, place: 1)),
            ("mostRequiredZ", requiredZ(log10Threshold, place: alignments)),
        ]
        return numbers.filter { tested[$0.0].int != $0.1 }.map { "\($0.0) is not \($0.1.map(String.init) ?? "absent")" }
            + levels.filter { abs((tested[$0.0].double ?? .nan) - $0.1) < 1e-6 ? false : true }
            .map { "\($0.0) is not \($0.1)" }
            + (tested["effort"].string == effort ? [] : ["effort is not \(effort)"])
    }
}
