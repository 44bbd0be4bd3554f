import EarmarkMark

/// How much better "the recording carries this client's mark" explains a z than "it does not", as far as validation
/// data go.
///
/// What is validated are marks of one profile: each has a table of its own.
public enum LikelihoodRatio {
    /// Comparisons of a recording with a client whose mark it carries.
    public static var sameSourceComparisons: Int { MarkProfile.inForce.likelihood.sameSourceComparisons }
    /// Comparisons of a recording with a client whose mark it does not carry.
    public static var differentSourceComparisons: Int { MarkProfile.inForce.likelihood.differentSourceComparisons }
    /// log10 of the largest ratio that is ever stated.
    public static var log10Largest: Double { MarkProfile.inForce.likelihood.log10Largest }

    /// log10 of the ratio for evidence of `z`, and whether more evidence would not raise it.
    public static func log10(z: Double) -> (value: Double, isLargest: Bool) {
        MarkProfile.inForce.likelihood.log10(z: z)
    }
}

/// A step function of z by the pool-adjacent-violators algorithm.
///
/// With one misleading comparison more of either kind than were seen: the largest ratio is what the number of
/// comparisons carries, whatever z. `Benchmarks/likelihood` makes it.
struct LikelihoodTable: Sendable {
    /// A step: from `z` on, to the next, log10 of the ratio is `log10`.
    struct Step: Sendable {
        var z: Double
        var log10: Double
    }

    let sameSourceComparisons: Int
    let differentSourceComparisons: Int
    /// The first begins at -infinity.
    let steps: [Step]

    var log10Largest: Double { steps.last?.log10 ?? 0 }

    func log10(z: Double) -> (value: Double, isLargest: Bool) {
        let index = steps.lastIndex { $0.z <= z } ?? 0
        return (steps[index].log10, index == steps.count - 1)
    }
}

extension MarkProfile {
    /// What validation of these marks carries.
    var likelihood: LikelihoodTable {
        switch self {
        case .contentBound:
            LikelihoodTable(
                sameSourceComparisons: 156, differentSourceComparisons: 107_844,
                steps: [
                    .init(z: -.infinity, log10: -2.19), .init(z: 4.05, log10: 1.56), .init(z: 4.92, log10: 5.03),
                ])
        }
    }
}
