/// How much better "the recording carries this client's mark" explains a z than "it does not", as far as validation data go.
///
/// A step function of z by the pool-adjacent-violators algorithm, with one misleading comparison more of either kind than were
/// seen: the largest ratio is what the number of comparisons carries, whatever z. `Benchmarks/likelihood` made the table.
public enum LikelihoodRatio {
    /// Comparisons of a recording with a client whose mark it carries.
    public static let sameSourceComparisons = 156
    /// Comparisons of a recording with a client whose mark it does not carry.
    public static let differentSourceComparisons = 107_844

    /// A step: from `z` on, to the next, log10 of the ratio is `log10`.
    private struct Step {
        var z: Double
        var log10: Double
    }

    private static let steps = [
        Step(z: -.infinity, log10: -2.19), Step(z: 4.05, log10: 1.56), Step(z: 4.92, log10: 5.03),
    ]

    /// log10 of the largest ratio that is ever stated.
    public static var log10Largest: Double { steps.last?.log10 ?? 0 }

    /// log10 of the ratio for evidence of `z`, and whether more evidence would not raise it.
    public static func log10(z: Double) -> (value: Double, isLargest: Bool) {
        let index = steps.lastIndex { $0.z <= z } ?? 0
        return (steps[index].log10, index == steps.count - 1)
    }
}
