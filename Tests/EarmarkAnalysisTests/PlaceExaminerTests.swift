import EarmarkAnswer
import EarmarkDetect
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// docs/evidence.md: a client's evidence is computed again from a file, and a claim that does not fit it has no score.
@Suite struct PlaceExaminerTests {
    /// A recording in which client 17 is stronger than client 31, and what was noted of the former.
    private struct Case: Sendable {
        let path: String
        let place: SourcePlace

        static let made = Result { try Case() }

        private init() throws {
            let (first, second) = (try SharedRecordings.copyOfFirst(), try SharedRecordings.copyOfSecond())
            let mixed = zip(first, second).map { 0.6 * $0 + 0.4 * $1 }
            path = try RecordingFile.write([mixed], to: ScratchFolder.shared.get().file("place-mixed.wav"))
            let examination = try RecordingFile.examine(path, effort: .fast, expectedSeconds: 3_600)
            place = try #require(examination.places[PlaceExaminerTests.strong])
        }
    }

    private static let strong = SharedRecordings.clients[0]
    private static let weak = SharedRecordings.clients[1]
    private static let stranger = 2

    private let made: Case

    init() throws { made = try Case.made.get() }

    private func again(
        _ client: Int, beside others: [Int] = [], usesReference: Bool = false,
        _ change: (SourcePlace) -> SourcePlace = { $0 }
    ) throws -> PlaceExaminer.Result {
        let tested = Answer.Tested(
            candidates: RecordingFile.candidates, hypotheses: 4, times: nil, placements: nil, log10Threshold: -9,
            requiredZ: 7, mostRequiredZ: nil, effort: "fast")
        let claim = PlaceExaminer.Claim(
            place: change(made.place), tested: tested, meetings: 1, expectedSeconds: 3_600,
            beside: others.map { TestKeys.identity(client: $0) }, usesReference: usesReference)
        let examiner = PlaceExaminer(shared: TestKeys.shared(), seed: TestKeys.identity(client: client))
        return try #require(try examiner.examine(made.path, claim))
    }

    /// "`usesReference`": a second look is one more channel, which is paid for; four alignments each at `fast`.
    @Test func aSecondLookIsPaidFor() throws {
        let alone = try again(Self.strong)
        #expect(alone.z == made.place.z && alone.log10Bound == made.place.log10Bound && alone.paid == [4, 0, 0])
        let twice = try again(Self.strong, usesReference: true)
        #expect(twice.paid == [2 * 4, 0, 0] && twice.z == alone.z)
    }

    /// "Be the strongest in its round": who is taken out is stronger, and the strongest comes first.
    @Test func whoIsTakenOutIsStrongerAndInOrder() throws {
        #expect(try again(Self.weak, beside: [Self.strong]).z != nil)
        #expect(try again(Self.strong, beside: [Self.weak]).z == nil, "is not stronger")
        #expect(try again(Self.stranger, beside: [Self.strong, Self.weak]).z != nil)
        let turned = try again(Self.stranger, beside: [Self.weak, Self.strong])
        #expect(turned.z == nil && turned.log10Bound == nil && turned.place != nil)
    }
}
