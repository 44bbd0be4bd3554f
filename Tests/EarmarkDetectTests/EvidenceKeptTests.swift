import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// What remains of several alignments, and of several sources on one.
@Suite struct EvidenceKeptTests {
    private static let features = KnownPlace.features()
    private static let whole = KnownPlace.alignment()
    private static let half = KnownPlace.alignment(0..<KnownPlace.frames * 3 / 4)

    private static func detect(_ alignments: [Alignment], _ features: FeatureMatrix) throws -> Detection {
        var run = KnownPlace.run(4, .init(tracks: 3))
        try run.add(features, located: Located(alignments: alignments))
        return run.finish()
    }

    /// The least bound counts, in whatever order alignments are tried.
    @Test func theBestEvidenceForASourceIsKept() throws {
        func only(_ alignments: [Alignment]) throws -> Detection.Source {
            let sources = try EvidenceKeptTests.detect(alignments, EvidenceKeptTests.features).sources
            #expect(sources.count == 1)
            return try #require(sources.first)
        }
        let alone = try only([EvidenceKeptTests.whole])
        let partly = try only([EvidenceKeptTests.half])
        try #require(alone.z > partly.z + 0.5 && partly.log10FalseAccusation > -77)
        #expect(try only([EvidenceKeptTests.whole, EvidenceKeptTests.half]) == alone)
        let second = try only([EvidenceKeptTests.half, EvidenceKeptTests.whole])
        #expect(second.z == alone.z && second.spans == alone.spans)
        #expect(abs(second.log10FalseAccusation - alone.log10FalseAccusation - log10(2)) < 1e-9)
    }

    /// Where bounds are as small as any is claimed to be, the strongest evidence counts.
    @Test func amongTheLeastBoundsTheHighestZIsKept() throws {
        let clear = KnownPlace.features(level: 0.15)
        let alone = try #require(try EvidenceKeptTests.detect([EvidenceKeptTests.whole], clear).sources.first)
        for alignments in [
            [EvidenceKeptTests.half, EvidenceKeptTests.whole], [EvidenceKeptTests.whole, EvidenceKeptTests.half],
        ] {
            let source = try #require(try EvidenceKeptTests.detect(alignments, clear).sources.first)
            #expect(source.log10FalseAccusation == -77 && source.z == alone.z && source.spans == alone.spans)
        }
    }

    /// Of a talker who was heard on two tracks the better evidence stays, though the source is surer on the other one.
    @Test func theBestEvidenceForATalkerIsKept() throws {
        // Another client's identity stands in for what its microphone sends: both are signs in the same cells.
        let tags = [nil, MicrophoneTag(seed: TestKeys.identity(client: 2))]
        let even = KnownPlace.features([1, 2], level: 0.2, seed: 191)
        var uneven = KnownPlace.features([1, 1, 1, 2], level: 0.24, seed: 192)
        uneven.track = 1
        func detect(_ tracks: [FeatureMatrix]) throws -> Detection {
            var run = KnownPlace.detector().with(candidates: TestKeys.identities(2).reversed(), tags: tags)
                .begin(SearchBudget(channels: 2, breadth: .init(tracks: 1)))
            run.findsTalkers = true
            for features in tracks {
                try run.add(features, located: Located(alignments: [KnownPlace.alignment()]))
            }
            return run.finish()
        }
        let (first, second) = (try detect([even]), try detect([uneven]))
        let (best, other) = (try #require(first.talkers.first), try #require(second.talkers.first))
        try #require(best.tag.z > other.tag.z && first.sources[0].z < second.sources[0].z)
        let both = try detect([even, uneven])
        #expect(both.sources.map(\.track) == [1])
        #expect(both.talkers == [best] && best.candidate == 1 && best.track == 0)
    }

    /// Strong sources first, whoever was found first, and whoever is first in the roster.
    @Test func sourcesAreInTheOrderOfTheirEvidence() throws {
        let first = SyntheticFeatures(seed: 201).matrix([
            .init(frames: 4_000, start: 512, clients: [0], level: 0.06),
            .init(frames: 5_000, start: 4_512, clients: [3], level: 0.09),
        ])
        let detection = try EvidenceKeptTests.detect(
            [KnownPlace.alignment(0..<4_000), KnownPlace.alignment(4_000..<9_000)], first)
        #expect(detection.sources.map(\.candidate) == [3, 0])
        #expect(detection.sources[0].z > detection.sources[1].z)
    }

    /// z 15 is twice what it takes to name one of a thousand: with less, changed speed and pitch are searched.
    @Test func whoIsNamedWithLittleToSpareIsWeak() throws {
        func isWeak(_ level: Double) throws -> (Bool, Double) {
            var run = KnownPlace.run()
            try run.add(KnownPlace.features(level: level), located: Located(alignments: [EvidenceKeptTests.whole]))
            return (run.isWeak, try #require(run.finish().sources.first).z)
        }
        for level in stride(from: 0.034, through: 0.050, by: 0.004) {
            let (isWeak, z) = try isWeak(level)
            #expect(isWeak == (z < 15), "z \(z)")
        }
        #expect(try isWeak(0.034).0 && !isWeak(0.050).0, "both sides of the limit")
    }

    /// What a mark could reach is that of the best channel, not of a silent one that is examined later.
    @Test func theExpectedEvidenceIsThatOfTheBestChannel() throws {
        func expected(_ levels: [Float]) throws -> Double {
            var run = KnownPlace.run(channels: levels.count)
            for level in levels {
                var features = KnownPlace.features(level: 0)
                let slopes = [SIMD8<Float>](repeating: SIMD8(repeating: level), count: 4)
                features.addSlopes(slopes, heard: slopes)
                try run.add(features, located: Located())
            }
            return run.finish().expectation.z
        }
        let alone = try expected([2_000])
        #expect(alone > 1)
        #expect(try expected([2_000, 20]) == alone && expected([20, 2_000]) == alone)
    }

    /// The pilot's evidence and level are those of the alignment that shows most of it.
    @Test func thePilotIsThatOfItsBestAlignment() throws {
        let alignments = [5.0, 11, 7].map { KnownPlace.alignment(pilotScore: $0) }
        #expect(try EvidenceKeptTests.detect(alignments, EvidenceKeptTests.features).pilotScore == 11)
    }

    /// Section 5: whoever had less than 2 in the first round is not looked at again, all others are.
    @Test func laterRoundsLookAtWhoStoodOutInTheFirst() throws {
        let mixed = KnownPlace.features([0, 1], level: 0.1)
        var run = KnownPlace.run(300)
        try run.add(mixed, located: Located(alignments: [EvidenceKeptTests.whole]))
        #expect(Set(run.finish().sources.map(\.candidate)) == [0, 1])
        let known = run.scores

        let scorer = IdentityScorer(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), seeds: TestKeys.identities(300))
        var removals: [IdentityScorer.Removal] = []
        var rounds: [IdentityScorer.Scores] = []
        for _ in 0..<3 {
            let scores = scorer.score(EvidenceKeptTests.whole, mixed, removing: removals)
            rounds.append(scores)
            let left = (0..<300).filter { candidate in !removals.contains { $0.candidate == candidate } }
            guard let best = left.max(by: { scores.z($0) < scores.z($1) }) else { break }
            removals.append(.init(candidate: best, mean: scores.sums[best] / scores.weight))
        }
        #expect(Set(removals.prefix(2).map(\.candidate)) == [0, 1])
        var kinds = (left: 0, taken: 0)
        for candidate in 2..<300 {
            let first = rounds[0].z(candidate)
            let best = rounds.map { $0.z(candidate) }.max() ?? 0
            #expect(abs(known[candidate] - (first < 2 ? first : best)) < 1e-9)
            if first < 2, best > first { kinds.left += 1 }
            if first >= 2, best > first { kinds.taken += 1 }
        }
        #expect(kinds.left > 20 && kinds.taken > 0, "the test would notice either")
    }
}
