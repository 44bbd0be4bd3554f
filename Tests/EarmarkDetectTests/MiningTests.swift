import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Section 11: an analyst who makes two hundred recordings, reads every answer and makes the last recording from what
/// he read learns nothing of clients who are not named.
@Suite struct MiningTests {
    private static let probes = 200
    private static let frames = 1_100
    /// Client 0 is in every probe, so that answers are full of numbers; the others are in none.
    private static let roster = (0..<10).map { TestKeys.identity(client: $0) }
    private static let otherRoster =
        [TestKeys.identity(client: 0)] + (1..<10).map { TestKeys.identity(client: 100 + $0) }
    private static let alignment = KnownPlace.alignment(0..<frames)

    /// A recording from numbers by frame and dipole.
    private static func matrix(_ values: [Float]) -> FeatureMatrix {
        var matrix = FeatureMatrix()
        for frame in 0..<frames {
            var vectors = [SIMD8<Float>](repeating: .zero, count: 4)
            for dipole in 0..<MarkLayout.dipoleCount {
                vectors[dipole / 8][dipole % 8] = values[frame * MarkLayout.dipoleCount + dipole]
            }
            matrix.append(vectors[0], vectors[1], vectors[2], vectors[3])
        }
        return matrix
    }

    /// What the analyst adds to the recording in each probe: signs of his own.
    private static let patterns: [[Float]] = {
        var generator = SplitMix64(state: 18)
        return (0..<probes).map { _ in
            var word: UInt64 = 0
            return (0..<frames * MarkLayout.dipoleCount).map { index in
                if index % 64 == 0 { word = generator.next() }
                return word >> UInt64(index % 64) & 1 == 1 ? 0.5 : -0.5
            }
        }
    }()

    /// Client 0's mark.
    private static let mark: [Float] = {
        let marked = SyntheticFeatures(deviation: 0, seed: 1).matrix([
            .init(frames: frames, start: KnownPlace.start, clients: [0], level: 0.3)
        ])
        return (0..<frames).flatMap { frame in
            (0..<MarkLayout.dipoleCount).map {
                Float(marked.values[frame * FeatureMatrix.columns + $0]) / FeatureMatrix.scale
            }
        }
    }()

    /// The public answer, and the scores that no answer tells.
    private static func analyse(
        _ values: [Float], _ roster: [Seed], decoys: Bool = false
    ) throws -> (answer: Detection, scores: [Double]) {
        var run = KnownPlace.detector().with(candidates: roster, tags: []).begin(
            SearchBudget(channels: 1, breadth: .init(tracks: 1), expectedSeconds: 300))
        run.decoySeed = decoys ? TestKeys.seed(99) : nil
        try run.add(matrix(values), located: Located(alignments: [alignment]))
        return (run.finish(), run.scores)
    }

    private static func sum(_ left: [Float], _ right: [Float]) -> [Float] { zip(left, right).map { $0 + $1 } }

    /// The recording that follows from what the probes showed: each pattern by how high its number was.
    private static func conclusion(_ numbers: [Double]) -> [Float] {
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let weights = numbers.map { Float($0 - mean) }
        let norm = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0 else { return patterns[0] }
        var values = [Float](repeating: 0, count: frames * MarkLayout.dipoleCount)
        for (weight, pattern) in zip(weights, patterns) {
            for index in values.indices { values[index] += weight / norm * pattern[index] }
        }
        return values
    }

    /// Every number of an answer, whatever it means.
    private static func numbers(_ value: Any) -> [Double] {
        if let number = value as? Double { return [number] }
        if let number = value as? Float { return [Double(number)] }
        if let number = value as? any BinaryInteger { return [Double(number)] }
        return Mirror(reflecting: value).children.flatMap { numbers($0.value) }
    }

    @Test func publicAnswersGainNothing() throws {
        var told: [[Double]] = []
        for pattern in MiningTests.patterns {
            let probe = MiningTests.sum(MiningTests.mark, pattern)
            let answer = try MiningTests.analyse(probe, MiningTests.roster).answer
            // With other clients in the places of those who are not named the analyst sees the same.
            #expect(try MiningTests.analyse(probe, MiningTests.otherRoster).answer == answer)
            #expect(answer.sources.map(\.candidate) == [0])
            told.append(MiningTests.numbers(answer))
        }
        let columns = told.map(\.count).min() ?? 0
        #expect(columns >= 20, "answers that tell nothing would teach nothing")
        var tried = 0
        for column in 0..<columns {
            let numbers = told.map { $0[column] }
            guard Set(numbers).count > 1 else { continue }
            tried += 1
            let (answer, scores) = try MiningTests.analyse(MiningTests.conclusion(numbers), MiningTests.roster)
            // Chance has 7 once in 10^11; what a score would teach has 14.
            #expect(scores.dropFirst().allSatisfy { $0 < 7 } && !answer.sources.contains { $0.candidate > 0 })
        }
        #expect(tried >= 5)
    }

    /// The same analyst with the scores before him accuses whom he likes: the test above would notice.
    @Test func scoresWouldGainAnAccusation() throws {
        let numbers = try MiningTests.patterns.map { try MiningTests.analyse($0, MiningTests.roster).scores[7] }
        let (answer, scores) = try MiningTests.analyse(MiningTests.conclusion(numbers), MiningTests.roster)
        #expect(scores[7] > 10 && answer.sources.map(\.candidate) == [7])
    }

    /// The picture of chance depends on the recording and its key, and on no client.
    @Test func decoysAreNobodys() throws {
        let probe = MiningTests.sum(MiningTests.mark, MiningTests.patterns[0])
        let decoys = try #require(try MiningTests.analyse(probe, MiningTests.roster, decoys: true).answer.decoys)
        #expect(try MiningTests.analyse(probe, MiningTests.otherRoster, decoys: true).answer.decoys == decoys)
        #expect(decoys.count == 10_000 && decoys.counts.count == 64)
        // Each is another one: of decoys that come twice or more often every interval would hold a multiple.
        for repeats in [2, 4, 5] { #expect(decoys.counts.contains { $0 % repeats != 0 }) }
        // Unit variance around nought, and none by which anybody would be named.
        let middle = decoys.counts.indices.map { -8 + 0.25 * (Double($0) + 0.5) }
        let mean = zip(middle, decoys.counts).reduce(0) { $0 + $1.0 * Double($1.1) } / 10_000
        let square = zip(middle, decoys.counts).reduce(0) { $0 + $1.0 * $1.0 * Double($1.1) } / 10_000
        #expect(abs(mean) < 0.1 && abs(square - 1) < 0.15 && decoys.highest < 7 && decoys.highest > 2.5)
        let other = MiningTests.sum(MiningTests.mark, MiningTests.patterns[1])
        #expect(try MiningTests.analyse(other, MiningTests.roster, decoys: true).answer.decoys != decoys)
        #expect(try MiningTests.analyse(MiningTests.patterns[0], MiningTests.roster, decoys: true).answer.decoys == nil)
    }
}
