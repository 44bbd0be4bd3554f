import EarmarkAnswer
import EarmarkFiles
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// What one object has read of the log it does not read again; it tells the same as one that reads it for the first
/// time.
@Suite struct LogHistoryTests {
    private let files: TemporaryStore
    private let store: Store
    private let meeting: Meeting

    init() throws {
        files = try TemporaryStore()
        store = try files.create(clock: { testStart })
        meeting = try store.createMeeting(
            .init(title: "T", startsAt: testStart), roster: [entry(1)], in: store.organisation().id)
    }

    private func analyse(_ number: Int, in store: Store) throws {
        _ = try store.saveAnalysis(
            AnalysisDraft(
                organisationID: try store.organisation().id, meetingReference: meeting.id.text,
                fileName: "leak \(number).mp4", sha256: String(repeating: "\(number)", count: 64), byteCount: 1,
                outcome: .verdict(.identified), toolVersion: "1", report: Array("{}".utf8)))
    }

    /// What a history tells: actions, and the names of their details.
    private func told(_ store: Store) throws -> [String] {
        try store.logHistory().entries.map { "\($0.action) \($0.details.keys.sorted())" }
    }

    private func expectTheSame(_ count: Int) throws {
        let other = try Store.open(at: files.location, clock: { testStart })
        #expect(try told(store) == told(other))
        let counts = AnalysisCounts(meeting: count, store: count)
        for store in [store, other] { #expect(try store.analysisCounts(ofMeeting: meeting.id) == counts) }
    }

    @Test func whatComesIsRead() throws {
        try expectTheSame(0)
        let other = try Store.open(at: files.location, clock: { testStart })
        for number in 1...3 {
            try analyse(number, in: number == 2 ? other : store)
            try expectTheSame(number)
        }
        #expect(try told(store).filter { $0.hasPrefix("analyse") }.allSatisfy { $0.contains("sha256") })
    }

    /// In one second all times are the same, and after a clock that was set back they mislead: the log's order tells
    /// which file was looked at before a tag was heard.
    @Test func orderTellsWhatATagCameBefore() throws {
        let client = try #require(try store.clients(ofMeeting: meeting.id).first)
        func hearing(_ number: Int) throws -> AnalysisID? {
            let sha256 = String(repeating: "\(number)", count: 64)
            return try store.logHistory().tagHearing(
                of: client.id, inMeeting: meeting.id, beforeLookAt: sha256, stored: store.analyses(sha256: sha256)
            )?.analysis
        }
        try analyse(1, in: store)
        #expect(try hearing(1) == nil)
        let heard = AnalysisID("a_heard")
        try store.noteTags(heardFrom: [client.id], in: heard)
        try analyse(2, in: store)
        #expect(try hearing(1) == nil)
        #expect(try hearing(2) == heard)
        #expect(try hearing(3) == heard)
    }

    /// The details of a meeting that another process purged are told no more.
    @Test func whatAPurgeTookIsNotTold() throws {
        try analyse(1, in: store)
        #expect(try told(store).contains { $0.hasPrefix("analyse") && $0.contains("sha256") })
        let other = try Store.open(at: files.location, clock: { testStart })
        _ = try other.deleteMeeting(meeting.id)
        try expectTheSame(1)
        #expect(try !told(store).contains { $0.contains("sha256") })
    }

    /// An entry that came since is verified before it is told.
    @Test func whatComesIsVerified() throws {
        try analyse(1, in: store)
        _ = try store.logHistory()
        try analyse(2, in: store)
        try store.write { try $0.execute(sql: "UPDATE auditDetails SET details = x'7b7d' WHERE rowid = 4") }
        #expect(throws: StoreError(.rowsAltered, "")) { try self.store.logHistory() }
        #expect(throws: StoreError(.rowsAltered, "")) { try self.store.analysisCounts(ofMeeting: nil) }
    }
}
