import EarmarkMark

/// How much better "the recording was made from what this client played" explains the evidence than something else, as
/// far as validation data go.
///
/// What is validated are marks of one profile: each has a table of its own. Three kinds of something else are told
/// apart, so that many comparisons of one kind say nothing of another: the mark is not in the recording at all, the
/// recording holds an echo of the client, or its mark was copied. `Benchmarks/likelihood` makes the tables.
public enum LikelihoodRatio {
    /// Comparisons of a recording with a client from whose playout it was made.
    public static var sameSourceComparisons: Int { MarkProfile.inForce.likelihood.sameSourceComparisons }
    /// Comparisons of a recording with a client whose mark it does not carry.
    public static var unmarkedComparisons: Int { MarkProfile.inForce.likelihood.unmarkedComparisons }
    /// log10 of the largest ratio that is ever stated against chance.
    public static var log10Largest: Double { MarkProfile.inForce.likelihood.log10Largest }

    /// log10 of the ratio against chance for evidence of `z`, and whether more evidence would not raise it.
    public static func log10(z: Double) -> (value: Double, isLargest: Bool) {
        MarkProfile.inForce.likelihood.log10(z: z)
    }

    /// Against an echo of the client, where it is identified and the tag of its microphone is absent.
    public static var echoes: AlternativeRatio { MarkProfile.inForce.likelihood.echoes }
    /// Against a copy of the client's mark, where it is identified and the content is confirmed.
    public static var copies: AlternativeRatio { MarkProfile.inForce.likelihood.copies }
}

/// The ratio against one way in which a mark comes into a recording that was not made from the client's playout.
public struct AlternativeRatio: Sendable {
    /// Comparisons of a recording with a client whose mark came into it in that way.
    public let comparisons: Int
    /// log10 of the largest ratio that they carry, with one more comparison that misleads than were seen.
    public let log10: Double
}

/// Against chance a step function of z by the pool-adjacent-violators algorithm.
///
/// With one misleading comparison more of either kind than were seen: the largest ratio is what the number of
/// comparisons carries, whatever z.
struct LikelihoodTable: Sendable {
    /// A step: from `z` on, to the next, log10 of the ratio is `log10`.
    struct Step: Sendable {
        var z: Double
        var log10: Double
    }

    let sameSourceComparisons: Int
    let unmarkedComparisons: Int
    /// The first begins at -infinity.
    let steps: [Step]
    let echoes: AlternativeRatio
    let copies: AlternativeRatio

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
                sameSourceComparisons: 148, unmarkedComparisons: 157_775,
                steps: [
                    .init(z: -.infinity, log10: -1.70),
                    .init(z: 6.48, log10: 5.19),
                ],
                echoes: .init(comparisons: 47, log10: 1.27), copies: .init(comparisons: 30, log10: 1.23))
        }
    }
}
