import EarmarkAnswer
import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

@Suite struct AnalysisTests {
    private func draft(_ meetingID: MeetingID, change: (inout AnalysisDraft) -> Void = { _ in }) -> AnalysisDraft {
        var draft = AnalysisDraft(
            meetingReference: meetingID.text, fileName: "leak.m4a", sha256: String(repeating: "0a", count: 32),
            byteCount: 12, outcome: .verdict(.identified), name: "first", note: "two\nlines", toolVersion: "0.1.0",
            report: Array(#"{"sources":[]}"#.utf8))
        change(&draft)
        return draft
    }

    @Test func analysesRoundTrip() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting()
        let draft = draft(meeting.id) { $0.organisationID = keeper.organisationID }
        let record = try keeper.store.saveAnalysis(draft)
        #expect(record.content == draft)
        #expect(record.meetingID == meeting.id)
        #expect(record.createdAt == testStart)
        #expect(try keeper.store.analysis(record.id) == record)
    }

    /// A search names no meeting; one that is named must be there, or the answer would outlive it.
    @Test func refusalsOfSearchesAreKept() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let refused = draft("any") {
            $0.outcome = .refusal(code: "unknown-meeting", message: "no such meeting")
            $0.report = nil
            $0.sha256 = nil
            $0.byteCount = nil
        }
        let record = try keeper.store.saveAnalysis(refused)
        #expect(record.meetingID == nil)
        #expect(record.content == refused)
        #expect(throws: StoreError(.meetingExpired, "")) { try keeper.store.saveAnalysis(draft("m_nope")) }
        #expect(try keeper.store.analyses().map(\.id) == [record.id])
    }

    @Test func listsAreFilteredAndLatestFirst() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let (first, second) = (try keeper.meeting(), try keeper.meeting())
        let records = try [first, second, first].map { try keeper.store.saveAnalysis(draft($0.id)) }
        #expect(try keeper.store.analyses().map(\.id) == records.reversed().map(\.id))
        #expect(try keeper.store.analyses(ofMeeting: first.id).map(\.id) == [records[2].id, records[0].id])
        #expect(try keeper.store.analyses(in: keeper.organisationID).isEmpty)
    }

    @Test func notesChangeAndAnalysesGo() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let record = try keeper.store.saveAnalysis(draft("any"))
        #expect(try keeper.store.setNote("", ofAnalysis: record.id).content.note.isEmpty)
        #expect(throws: StoreError(.valueInvalid, "")) { try keeper.store.setNote("\u{1B}", ofAnalysis: record.id) }
        #expect(throws: StoreError(.unknownAnalysis, "")) { try keeper.store.setNote("", ofAnalysis: "a_x") }
        try keeper.store.deleteAnalysis(record.id)
        #expect(throws: StoreError(.unknownAnalysis, "")) { try keeper.store.analysis(record.id) }
        #expect(throws: StoreError(.unknownAnalysis, "")) { try keeper.store.deleteAnalysis(record.id) }
    }

    @Test func unfitRecordsAreRefused() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let changes: [(inout AnalysisDraft) -> Void] = [
            { $0.sha256 = "00" }, { $0.sha256 = String(repeating: "0A", count: 32) }, { $0.byteCount = -1 },
            { $0.sha256 = nil }, { $0.report = nil }, { $0.report = Array("[]".utf8) },
            { $0.report = Array("{".utf8) }, { $0.outcome = .refusal(code: "x", message: "y") },
            {
                $0.outcome = .refusal(code: "", message: "y")
                $0.report = nil
            },
            {
                $0.outcome = .refusal(code: "x", message: "")
                $0.report = nil
            },
            {
                $0.outcome = .refusal(code: "x", message: "y")
                $0.report = nil
                $0.evidence = Array("{}".utf8)
            },
            { $0.evidence = Array("[]".utf8) }, { $0.byteCount = nil },
            { $0.sha256 = String(repeating: "0a", count: 31) + "0g" },
            { $0.note = String(repeating: "x", count: 10_001) }, { $0.name = String(repeating: "x", count: 201) },
            { $0.note = "\u{7}" }, { $0.name = "a\nb" },
        ]
        for change in changes {
            #expect(throws: StoreError(.valueInvalid, "")) { try keeper.store.saveAnalysis(draft("m", change: change)) }
        }
        #expect(try keeper.store.analyses().isEmpty)
    }

    /// docs/file-formats.md, `analyses`: all that was found is kept, at the limits, too.
    @Test func recordsAtTheLimitsAreKeptWhole() throws {
        let keeper = try TemporaryStoreKeeper.make()
        for verdict in Verdict.allCases {
            let draft = draft("m") {
                $0.outcome = .verdict(verdict)
                $0.byteCount = 0
                $0.name = String(repeating: "n", count: 200)
                $0.note = String(repeating: "o", count: 10_000)
                $0.evidence = Array(#"{"a":1}"#.utf8)
            }
            #expect(try keeper.store.saveAnalysis(draft).content == draft)
        }
        let first = try keeper.store.analyses().last
        #expect(first?.content.outcome == .verdict(.identified))
        let changed = try keeper.store.setNote("new", ofAnalysis: try #require(first).id)
        #expect(changed.content.note == "new")
        #expect(try keeper.store.analyses().count { $0.content.note == "new" } == 1, "and no other's")
    }

    @Test func deletedTextIsOverwritten() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let secret = "needle-\(UUID().uuidString)"
        let record = try keeper.store.saveAnalysis(draft("m") { $0.note = secret })
        func isOnDisk() throws -> Bool {
            try keeper.store.checkpoint()
            return try contents(keeper.temporary.location.store).range(of: Data(secret.utf8)) != nil
        }
        #expect(try isOnDisk())
        try keeper.store.deleteAnalysis(record.id)
        #expect(try !isOnDisk())
    }
}
