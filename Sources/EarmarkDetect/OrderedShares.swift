internal import CMath

/// How hypotheses that are tried in an order share one threshold: the k-th of K has the share 1 / (k H), with H = 1 + 1/2 + ... + 1/K.
///
/// The shares sum to one, so the union bound holds as for equal ones. The order comes from pilot, timeline and schedule, which put the
/// right hypothesis among the first five as a rule: it pays a fifth of what equal shares cost, 0.2 to 0.3 in z, and the last of twenty pays
/// four times as much, 0.17 in z.
enum OrderedShares {
    /// log10 of the number of tests that the hypothesis at `position`, from 0, counts for; those at `count` and beyond count as the last.
    static func log10Price(position: Int, of count: Int) -> Double {
        guard count > 1 else { return 0 }
        let place = min(max(0, position), count - 1) + 1
        let harmonic = (1...count).reduce(0) { $0 + 1 / Double($1) }
        return log10(Double(place) * harmonic)
    }
}
