import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// One threshold for hypotheses in an order.
@Suite struct OrderedSharesTests {
    @Test(arguments: [1, 2, 4, 21, 39, 512, 5_000])
    func theSharesSumToOne(count: Int) {
        let shares = (0..<count).map { pow(10, -OrderedShares.log10Price(position: $0, of: count)) }
        #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 > $1 })
    }

    /// What stands beyond the end has no share, so nobody can be named by it.
    @Test(arguments: [(4, 4), (-1, 4), (0, 0)])
    func placesOutsideTheOrderNameNobody(position: Int, count: Int) {
        #expect(OrderedShares.log10Price(position: position, of: count) == .infinity)
    }

    /// The second alignment of a recording, a copy of another client's, pays twice what the first does.
    @Test func laterAlignmentsPayMore() throws {
        let first = SyntheticFeatures(seed: 81)
        let features = first.matrix([
            .init(frames: 9_000, start: 30_500, clients: [1], level: 0.04)
        ])
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(4), log10Threshold: -3,
            transforms: FFTWProvider())
        func bound(place: Int) throws -> Double {
            var run = detector.begin(SearchBudget(channels: 1, breadth: .init(tracks: 3)))
            var located = run.locate(features)
            let alignment = try #require(located.alignments.first)
            // Unknown places in front: nobody is found there.
            let strange = Alignment(
                placed: [], dipoleWeights: alignment.dipoleWeights, pilotScore: 0, pilotMean: 0, timelineZ: 0,
                log10Presence: 0)
            located.alignments = Array(repeating: strange, count: place) + [alignment]
            try run.add(features, located: located)
            return try #require(run.finish().sources.first { $0.candidate == 1 }).log10FalseAccusation
        }
        let bounds = try (0..<3).map(bound)
        try #require(bounds[0] > -77)
        #expect(abs(bounds[1] - bounds[0] - log10(2)) < 1e-9 && abs(bounds[2] - bounds[0] - log10(3)) < 1e-9)
    }
}
