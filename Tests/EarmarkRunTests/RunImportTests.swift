import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation
import Testing

@testable import EarmarkRun

/// docs/many.md, A run: what an import takes beside what is there, leaves out and tells.
@Suite struct RunImportTests {
    /// The honest answer about Ada, turned into one about Bela.
    private static func accusingBela(_ forgery: Forgery, of bundle: OpenBundle? = nil) throws -> [UInt8] {
        let line = forgery.honest(of: bundle)
            .replacing("\"client\":\"\(forgery.clients[0])\"", with: "\"client\":\"\(forgery.clients[1])\"")
        return try forgery.signed(line, by: bundle)
    }

    private static func names(_ service: Service) throws -> [String] {
        try service.store.analyses().map { try service.store.document($0).answer.sources.first?.participant ?? "" }
    }

    /// A forged answer must not stand for ever because it came first, nor an honest one be doubted without a word.
    @Test func anotherAnswerInTheSamePlaceIsToldAndNotTaken() throws {
        let forgery = try Forgery()
        try forgery.importing([try Self.accusingBela(forgery)])
        do throws(any Error) {
            try forgery.importing([try forgery.signed(forgery.honest())])
            Issue.record("it was taken")
        } catch let error as RunError {
            #expect(error.code == .foreign)
            for word in ["Ada Abbott", "Bela Berger", "0.wav"] { #expect(error.message.contains(word)) }
        }
        #expect(try Self.names(forgery.service) == ["Bela Berger"])
        // A refusal in the place of an answer is another one, too.
        #expect(throws: RunError(.foreign, "")) {
            try forgery.importing([try forgery.signed(forgery.refusal("corrupt"))])
        }
    }

    /// Nothing of a run is stored where one of its lines contradicts what is there.
    @Test func aContradictionRefusesTheWholeRun() throws {
        let forgery = try Forgery(inputs: 2)
        let refused = try forgery.signed(forgery.refusal("corrupt", item: 1))
        try forgery.importing([try Self.accusingBela(forgery), refused])
        let id = try #require(try forgery.service.store.analyses().first { $0.content.report == nil }?.id)
        try forgery.service.store.deleteAnalysis(id)
        #expect(throws: RunError(.foreign, "")) {
            try forgery.importing([refused, try forgery.signed(forgery.honest())])
        }
        #expect(try forgery.service.store.analyses().count == 1)
    }

    /// Every answer that stands in the way is told, so that nobody deletes them one import at a time.
    @Test func allThatStandsInTheWayIsNamed() throws {
        let forgery = try Forgery(inputs: 8)
        func lines(_ code: String) throws -> [[UInt8]] {
            try (0..<8).map { try forgery.signed(forgery.refusal(code, item: $0)) }
        }
        try forgery.importing(try lines("corrupt"))
        do throws(any Error) {
            try forgery.importing(try lines("noAudio"))
            Issue.record("it was taken")
        } catch let error as RunError {
            let told = error.message.split(separator: "\n")
            #expect(told.filter { $0.hasPrefix("analysis 'a_") }.count == 5 && error.message.contains("3 more lines"))
        }
    }

    /// A refusal that says nothing of the recording gives way to an answer, and stands in no answer's way.
    @Test(arguments: [
        "notFound", "unreadable", "server-refused", "url-refused", "meeting-not-held", "killed-analysis",
    ])
    func whatSaysNothingGivesWay(code: String) throws {
        let forgery = try Forgery()
        let (refusal, honest) = (
            try forgery.signed(forgery.refusal(code)), try forgery.signed(forgery.honest())
        )
        try forgery.importing([refusal])
        let refused = try #require(try forgery.service.store.analyses().first)
        _ = try forgery.service.store.setNote("asked for again", ofAnalysis: refused.id)
        let summary = try forgery.importing([honest])
        #expect(summary.added == 1 && summary.replaced == 1 && summary.known == 0)
        #expect(try Self.names(forgery.service) == ["Ada Abbott"])
        let answer = try #require(try forgery.service.store.analyses().first)
        #expect(answer.id == refused.id && answer.content.note == "asked for again")
        #expect(try forgery.importing([refusal]).known == 1)
        #expect(try Self.names(forgery.service) == ["Ada Abbott"])
        #expect(try forgery.service.store.auditEntries().compactMap { $0.details?["replaced"] } == ["1"])
    }

    /// A hold keeps even such a refusal.
    @Test func aHeldRefusalGivesWayToNothing() throws {
        let forgery = try Forgery()
        try forgery.importing([try forgery.signed(forgery.refusal("notFound"))])
        let id = try #require(try forgery.service.store.analyses().first?.id)
        _ = try forgery.service.store.hold(id.text, reason: "Case 12")
        #expect(throws: StoreError(.held, "")) { try forgery.importing([try forgery.signed(forgery.honest())]) }
        #expect(try forgery.service.store.analyses().map(\.id) == [id])
    }

    /// Once a bundle is revoked, a run that is made anew is stored beside what its thief left.
    @Test func aRunThatIsRepeatedStandsBesideThatOfARevokedBundle() throws {
        let forgery = try Forgery()
        try forgery.importing([try Self.accusingBela(forgery)])
        _ = try forgery.service.store.revokeBundle(forgery.open.header.bundle)
        let other = try forgery.bundle()
        let honest = try forgery.signed(forgery.honest(of: other), by: other)
        let summary = try forgery.importing([honest])
        #expect(summary.added == 1 && summary.beside == 1 && summary.known == 0)
        #expect(try Self.names(forgery.service).sorted() == ["Ada Abbott", "Bela Berger"])
        let again = try forgery.importing([honest])
        #expect(again.added == 0 && again.known == 1)
        // It is an answer like any other: the next must agree with it.
        #expect(throws: RunError(.foreign, "")) { try forgery.importing([try Self.accusingBela(forgery, of: other)]) }
        _ = try forgery.service.store.revokeBundle(other.header.bundle)
        let third = try forgery.bundle()
        #expect(try forgery.importing([try forgery.signed(forgery.honest(of: third), by: third)]).beside == 1)
        #expect(try forgery.service.store.analyses().count == 3)
    }

    /// Refusals are no analyses, and whoever imports a run of nothing else must see that.
    @Test func refusalsAreCountedByCode() throws {
        let forgery = try Forgery(inputs: 4)
        let lines = try [
            forgery.honest(0), forgery.refusal("corrupt", item: 1), forgery.refusal("notFound", item: 2),
            forgery.refusal("corrupt", item: 3),
        ].map { try forgery.signed($0) }
        let summary = try forgery.importing(lines)
        #expect(summary.added == 4 && summary.refused == ["corrupt": 2, "notFound": 1])
        #expect(
            summary.text
                == "1 analysis and 3 refusals (2 corrupt, 1 notFound) of 4 inputs stored, 0 were already")
        let entry = try #require(
            try forgery.service.store.auditEntries().last { $0.action == AuditAction.runImport.rawValue })
        #expect(entry.details?["refused"] == "corrupt=2 notFound=1")
        #expect(entry.details?["bundles"] == "\(forgery.open.header.bundle)=4")
    }

    /// `analysis delete` is for good; where a run brings something back, that is said.
    @Test func aDeletedAnalysisDoesNotComeBackSilently() throws {
        let forgery = try Forgery()
        let line = try forgery.signed(forgery.honest())
        #expect(try forgery.importing([line]).warnings.isEmpty)
        let id = try #require(try forgery.service.store.analyses().first?.id)
        try forgery.service.store.deleteAnalysis(id)
        let summary = try forgery.importing([line])
        #expect(summary.deletedBefore == [id])
        #expect(summary.warnings == ["analyses that had been deleted are stored again: '\(id)'"])
    }

    /// A merged run cannot be thinned out: without this, one purged meeting takes the answers of all others with it.
    @Test func whatIsOfPurgedMeetingsCanBeLeftOut() throws {
        let forgery = try Forgery(inputs: 2)
        let roster = [RosterEntry(participant: "Cleo", email: "cleo@example.org", device: "laptop", kind: .desktop)]
        let draft = MeetingDraft(title: "Other", startsAt: Store.systemClock())
        let second = try forgery.service.enrol(draft, roster: roster)
        let key = BundleKey()
        let both = try forgery.service.makeBundle(.meetings([forgery.meeting.id, second.id]), to: key.recipient).bundle
            .opened(with: key)
        let lines = try [
            forgery.honest(0, of: both),
            forgery.refusal("corrupt", item: 1, of: both)
                .replacing("\"meeting\":\"\(forgery.meeting.id)\"", with: "\"meeting\":\"\(second.id)\""),
        ].map { try forgery.signed($0, by: both) }
        let run = try forgery.merged(lines)
        _ = try forgery.service.store.deleteMeeting(second.id)
        #expect(throws: StoreError(.meetingExpired, "")) {
            try RunImport(run, of: forgery.plan, into: forgery.service).run()
        }
        #expect(try forgery.service.store.analyses().isEmpty)
        let summary = try RunImport(run, of: forgery.plan, into: forgery.service, leavesOutPurged: true).run()
        #expect(summary.added == 1 && summary.leftOut == 1 && summary.refused.isEmpty)
        #expect(summary.text.hasSuffix("; 1 of meetings that were purged left out"))
        let entry = try #require(
            try forgery.service.store.auditEntries().last { $0.action == AuditAction.runImport.rawValue })
        #expect(entry.details?["leftOut"] == "1")
    }

    /// A plan that was swapped where workers write says that another list is whole.
    @Test func anotherPlanThanTheExpectedOneIsRefused() throws {
        let plan = try Forgery().plan
        try plan.require(digest: plan.digest)
        try plan.require(digest: nil)
        let other = String(plan.digest.dropLast()) + (plan.digest.hasSuffix("0") ? "1" : "0")
        #expect(throws: RunError(.foreign, "")) { try plan.require(digest: other) }
        // Of less than the whole it is not said that the plan was swapped.
        for slip in [String(plan.digest.dropLast()), String(plan.digest.dropLast()) + "z", ""] {
            #expect(throws: RunError(.partUnusable, "")) { try plan.require(digest: slip) }
        }
    }

    /// Whoever revokes a bundle while an import of it runs must not find its lines in the store afterwards.
    @Test func aBundleThatIsRevokedMeanwhileEndsTheImport() throws {
        let forgery = try Forgery()
        let run = try forgery.merged([try forgery.signed(forgery.honest())])
        let work = try RunImport(run, of: forgery.plan, into: forgery.service)
        work.rest = { _ = try forgery.service.store.revokeBundle(forgery.open.header.bundle) }
        #expect(throws: RunError(.unsigned, "")) { try work.run() }
        #expect(try forgery.service.store.analyses().isEmpty)
    }

    /// Others write to the store while a long run is taken in, and what was stored when an import was killed stays.
    @Test func anImportGoesOnInPieces() throws {
        struct Killed: Error {}
        let forgery = try Forgery(inputs: 5)
        let lines = try (0..<5).map { try forgery.signed(forgery.refusal("corrupt", item: $0)) }
        let run = try forgery.merged(lines)
        let work = try RunImport(run, of: forgery.plan, into: forgery.service)
        work.batch = 2
        var rests = 0
        work.rest = {
            rests += 1
            if rests == 3 { throw Killed() }
            _ = try forgery.service.store.setBundleSeconds(Int64(3_600 + rests))
        }
        #expect(throws: Killed.self) { try work.run() }
        #expect(try forgery.service.store.analyses().count == 4)
        let again = try RunImport(run, of: forgery.plan, into: forgery.service).run()
        #expect(again.added == 1 && again.known == 4)
        let counts = try forgery.service.store.analysisCounts(ofMeeting: forgery.meeting.id)
        #expect(counts.meeting == 5 && counts.store == 5)
    }
}
