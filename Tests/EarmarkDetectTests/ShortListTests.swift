import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 5, "Short lists": recordings of 8 minutes and more.
@Suite struct ShortListTests {
    private static let period = FeatureLayout.framesPerPeriod
    private static let candidates = 200
    private static let scorer = IdentityScorer(
        plan: CellPlan(pilotSeed: TestKeys.shared().pilot), seeds: TestKeys.identities(candidates))
    /// 31 periods (8.5 minutes) from the beginning of one on.
    private static let features = SyntheticFeatures(seed: 211).matrix([
        .init(frames: 31 * period + 8, start: -8, clients: [7], level: 0.035)
    ])

    /// The periods `numbers`, each a piece of its own.
    private static func alignment(_ numbers: some Sequence<Int>) -> Alignment {
        var alignment = KnownPlace.alignment()
        alignment.placed = numbers.map { number in
            // The first chip's centre lies a frame before the period's start.
            let first = 8 + number * period + FeatureLayout.chipCentre
            return .init(piece: .init(frames: first..<first + period, offset: -8, slope: 0), basePeriod: 0)
        }
        return alignment
    }

    @Test func eightMinutesAreLong() {
        // 29 periods last 475 s, 30 last 492 s.
        let short = ShortListTests.scorer.shortList(ShortListTests.alignment(0..<29), ShortListTests.features)
        #expect(short == Array(0..<ShortListTests.candidates), "everybody is scored")
        let long = ShortListTests.scorer.shortList(ShortListTests.alignment(0..<30), ShortListTests.features)
        #expect(long.count < ShortListTests.candidates / 4 && long.contains(7))
    }

    /// Each by its own score against 1.2, on every third period from the first.
    @Test func theFirstLookReadsEveryThirdPeriod() {
        let thirds = ShortListTests.scorer.score(
            ShortListTests.alignment(stride(from: 0, to: 31, by: 3)), ShortListTests.features)
        let expected = (0..<ShortListTests.candidates).filter { thirds.z($0) >= 1.2 }
        #expect(
            ShortListTests.scorer.shortList(ShortListTests.alignment(0..<31), ShortListTests.features) == expected)
        #expect((0..<ShortListTests.candidates).contains { (1...1.2).contains(thirds.z($0)) }, "somebody near below")
        #expect((0..<ShortListTests.candidates).contains { (1.2...1.4).contains(thirds.z($0)) }, "somebody near above")
    }

    /// Of many candidates also a short recording's: each by its own score against 2, on the first 160 bytes of every
    /// period's signs.
    @Test func ofManyTheFirstLookReadsAThirdOfEveryPeriod() {
        let seeds = TestKeys.identities(10_000)
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        let (whole, features) = (KnownPlace.alignment(), KnownPlace.features([7]))
        let few = IdentityScorer(plan: plan, seeds: Array(seeds.prefix(9_999)))
        #expect(few.shortList(whole, features).count == 9_999, "everybody is scored")
        let many = IdentityScorer(plan: plan, seeds: seeds)
        let listed = many.shortList(whole, features)
        // One in 44 by chance.
        #expect(listed.contains(7) && (150...320).contains(listed.count))
        var values = plan.identityCells.map { _ in Float(0) }
        var sums = [Double](repeating: 0, count: 10)
        var energy = 0.0
        CellCollector(whole, features).forEachPeriod { cells in
            for index in 0..<1_280 { values[index] = cells.plane[Int(plan.identityCells[index])] }
            energy += values.reduce(0) { $0 + Double($1) * Double($1) }
            for candidate in sums.indices {
                var signs = [UInt8](repeating: 0, count: MarkLayout.identityCellsPerPeriod / 8)
                PeriodSigns(seed: seeds[candidate]).fill(&signs, period: cells.period)
                for index in 0..<1_280 {
                    sums[candidate] += Double(values[index]) * (signs[index / 8] >> UInt8(index % 8) & 1 == 0 ? 1 : -1)
                }
            }
        }
        let scores = many.score(whole, features, bytes: 160)
        for candidate in sums.indices {
            let z = sums[candidate] / energy.squareRoot()
            #expect(abs(scores.z(candidate) - z) < 1e-3)
            #expect(listed.contains(candidate) == (z >= 2))
        }
    }

    /// A tag among those of many clients is found as it is alone.
    @Test func aTagOfManyIsFoundAsItIsAlone() throws {
        let seeds = TestKeys.identities(10_001)
        func tag(of sender: Int, among many: Bool) throws -> Detection.OtherTag? {
            let tags = seeds.indices.map { many || $0 == sender ? MicrophoneTag(seed: seeds[$0]) : nil }
            // Identities that nothing bears stand beside that of client 1, as in a meeting of so many.
            let identities = TestKeys.identities(2) + (2..<seeds.count).map { TestKeys.identity(client: 50_000 + $0) }
            var run = KnownPlace.detector().with(candidates: identities, tags: tags)
                .begin(SearchBudget(channels: 1, breadth: .init(tracks: 1)))
            try run.add(
                KnownPlace.features([1, sender], level: 0.1),
                located: Located(alignments: [KnownPlace.alignment(log10Presence: -20)]))
            return run.finish().sources.first { $0.candidate == 1 }?.otherTags.first { $0.candidate == sender }
        }
        let alone = try #require(try tag(of: 9_000, among: false))
        let found = try #require(try tag(of: 9_000, among: true))
        #expect(found.tag.z == alone.tag.z && found.tag.delay == alone.tag.delay)
    }

    /// All candidates are paid for, skipped or not, and who was skipped has no score.
    @Test func aLongRecordingNamesItsClientAtTheFullPrice() throws {
        let whole = ShortListTests.alignment(0..<31)
        var run = KnownPlace.run(ShortListTests.candidates)
        try run.add(ShortListTests.features, located: Located(alignments: [whole]))
        let detection = run.finish()
        let source = try #require(detection.sources.first)
        #expect(detection.sources.map(\.candidate) == [7])
        let all = ShortListTests.scorer.score(whole, ShortListTests.features)
        #expect(abs(source.z - all.z(7)) < 1e-9, "the whole recording counts")
        let expected = ProvenPrice.log10Bound(source.z, tests: Double(ShortListTests.candidates))
        #expect(abs(source.log10FalseAccusation - expected) < 1e-8)
        let listed = Set(ShortListTests.scorer.shortList(whole, ShortListTests.features))
        for candidate in 0..<ShortListTests.candidates {
            #expect(run.scores[candidate].isFinite == listed.contains(candidate))
        }
    }

    /// Loops: a period that is heard twice is one period.
    @Test func periodsAreThoseOfTheMeeting() {
        var alignment = ShortListTests.alignment(0..<31)
        for index in 20..<31 { alignment.placed[index].basePeriod -= 15 }
        #expect(CellCollector(alignment, ShortListTests.features).periodCount == 20)
    }
}
