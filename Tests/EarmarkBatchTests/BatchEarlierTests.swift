import EarmarkAnswer
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

@testable import EarmarkBatch

/// docs/batch.md, "An answer that was stored but not written when the process died is taken from the store".
@Suite struct BatchEarlierTests {
    private static let digest = String(repeating: "a", count: 64)

    private let store: Store
    private let meeting: Meeting
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.create(
            at: StoreLocation(store: folder.file("store.db")), organisationName: "Example Ltd")
        meeting = try store.createMeeting(
            .init(title: "T", startsAt: Store.systemClock()), roster: [], in: try store.organisation().id)
    }

    /// Stores an answer to a recording of 200 s; its identifier.
    private func save(version: String) throws -> AnalysisID {
        let report = """
            {"verdict":"not-found","summary":"s","file":{"name":"old.wav","container":"wav","bytes":1,
            "sha256":"\(Self.digest)","seconds":200,"tracks":[],"corruptPackets":0,"isTruncated":false},
            "sources":[],"candidates":[],"unmarkable":[],"tested":{"candidates":1,"hypotheses":1,
            "log10Threshold":-9,"requiredZ":7,"effort":"normal"},"pilot":{"isPresent":false,"log10FalsePresence":0,
            "score":0,"expectedZ":1,"leastExpectedZ":1,"mostExpectedZ":1},
            "warnings":[],"statements":[],"name":"","note":"","toolVersion":"\(version)"}
            """
        var draft = AnalysisDraft(
            organisationID: meeting.organisationID, meetingReference: meeting.id.text, fileName: "old.wav",
            outcome: .verdict(.notFound), name: "", note: "", toolVersion: version)
        draft.sha256 = Self.digest
        draft.byteCount = 1
        draft.report = Array(report.utf8)
        return try store.saveAnalysis(draft).id
    }

    private func taken(version: String) throws -> FileOutcome? {
        let request = BatchRequest(meeting: meeting.id.text, effort: "normal", allowShort: false, toolVersion: version)
        let item = BatchItem(path: "in/new.wav", meeting: meeting.id.text, label: AnalysisLabel(name: "N", note: "n"))
        return try EarlierAnswers(store: store).outcome(
            for: item, key: BatchKey(sha256: Self.digest, request: request))
    }

    @Test func answersOfOtherVersionsAreNotTaken() throws {
        let first = try save(version: "1.0.0")
        _ = try save(version: "2.0.0")
        let outcome = try #require(try taken(version: "1.0.0"))
        #expect(outcome.id == first && outcome.path == "in/new.wav")
        #expect(outcome.answer?.name == "N" && outcome.answer?.note == "n")
        #expect(outcome.answer?.file.name == "new.wav")
        #expect(try taken(version: "3.0.0") == nil)
    }

    @Test func refusalsAreNotTaken() throws {
        var draft = AnalysisDraft(
            organisationID: meeting.organisationID, meetingReference: meeting.id.text, fileName: "old.wav",
            outcome: .refusal(code: "tooShort", message: "m"), name: "", note: "", toolVersion: "1.0.0")
        draft.sha256 = Self.digest
        _ = try store.saveAnalysis(draft)
        #expect(try taken(version: "1.0.0") == nil)
    }
}
