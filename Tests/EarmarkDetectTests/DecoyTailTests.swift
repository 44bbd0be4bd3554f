import EarmarkDetect
import Foundation
import Testing

/// docs/statistics.md, section 8: decoys counted against the bound at every decade, up to Clopper and Pearson's limit.
@Suite struct DecoyTailTests {
    /// A decoy counts at every level whose z it reaches: c Q(z) = 10^-d.
    @Test func decoysCountAtTheLevelsThatTheyReach() {
        for level in 1..<DecoyTail.levels {
            #expect(abs(ProvenPrice.log10Tail(DecoyTail.thresholds[level]) + Double(level)) < 1e-8)
        }
        var tail = DecoyTail()
        #expect(tail.shownLevel == 1)
        tail.add(DecoyTail.thresholds[3])
        tail.add(DecoyTail.thresholds[3].nextDown)
        tail.add(-1)
        #expect(tail.decoys == 3)
        #expect(Array(tail.counts.prefix(5)) == [2, 2, 2, 1, 0])
        #expect(tail.shownLevel == 4, "one past the last that was reached")
        tail.add(40)
        #expect(tail.counts == [3, 3, 3, 2] + Array(repeating: 1, count: 9) && tail.shownLevel == 12)
        var both = tail
        both.add(tail)
        #expect(both.decoys == 8 && both.counts == tail.counts.map { 2 * $0 })
    }

    /// Contradicted only where so many would come by chance less than once in a thousand samples.
    @Test func whatChanceExplainsContradictsNothing() {
        func tail(_ beyond: Int, of decoys: Int) -> DecoyTail {
            var tail = DecoyTail()
            for index in 0..<decoys { tail.add(index < beyond ? DecoyTail.thresholds[2] : -1) }
            return tail
        }
        // P(X >= k) at p = 0.01 and n = 1,000: the least k whose chance is below 0.001.
        var chance = 1.0
        var least = 0
        while chance > 1e-3 {
            chance -= DecoyTailTests.probability(least, 1_000, 0.01)
            least += 1
        }
        #expect(!tail(least - 1, of: 1_000).contradicts(level: 2))
        #expect(tail(least, of: 1_000).contradicts(level: 2))
        #expect(!DecoyTail().contradicts(level: 2))
    }

    @Test(arguments: [(1, 10, 0.1), (3, 10, 0.5), (10, 10, 0.7), (40, 1_000, 0.03), (5, 1_000, 0.02)])
    func tailsAreThoseOfTheBinomialDistribution(successes: Int, trials: Int, p: Double) {
        let sum = (successes...trials).reduce(0) { $0 + DecoyTailTests.probability($1, trials, p) }
        #expect(abs(ClopperPearson.upperTail(Int64(successes), Int64(trials), p) / sum - 1) < 1e-9)
    }

    @Test func limitsOfAllAndOfOne() {
        // All of n: p^n = error. One of n: 1 - (1 - p)^n = error.
        let all = ClopperPearson.lowerLimit(successes: 10, trials: 10, error: 0.05)
        #expect(abs(all - pow(0.05, 0.1)) < 1e-9)
        let one = ClopperPearson.lowerLimit(successes: 1, trials: 10, error: 0.05)
        #expect(abs(one - (1 - pow(0.95, 0.1))) < 1e-9)
        #expect(ClopperPearson.lowerLimit(successes: 0, trials: 10, error: 0.05) == 0)
    }

    private static func probability(_ k: Int, _ n: Int, _ p: Double) -> Double {
        let ways = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
        return exp(ways + Double(k) * log(p) + Double(n - k) * log(1 - p))
    }
}
