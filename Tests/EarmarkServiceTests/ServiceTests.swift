import EarmarkAnswer
import EarmarkFiles
import EarmarkMark
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// A service is all that a front end needs, and what one user gives it no other sees.
@Suite struct ServiceTests {
    private let folder: TemporaryFolder
    private let location: StoreLocation

    init() throws {
        folder = try TemporaryFolder()
        location = StoreLocation(store: folder.file("store.db"))
    }

    private static func entry(_ name: String, kind: ClientKind = .desktop) -> RosterEntry {
        RosterEntry(participant: name, email: "\(name.lowercased())@example.org", device: "laptop", kind: kind)
    }

    private static let roster = [entry("Web", kind: .web), entry("Ada"), entry("Bela")]

    // MARK: Contexts

    /// Two users of one process, on one store: the shares of one open nothing for the other.
    @Test func sharesAreSeenByOneServiceAlone() throws {
        let owner = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let (meeting, shares) = try owner.store.createSplitMeeting(
            MeetingDraft(title: "Split", startsAt: Store.systemClock()), roster: ServiceTests.roster,
            in: try owner.store.organisation().id)
        for (index, share) in shares.enumerated() { try share.write(to: folder.file("\(index).share")) }
        let with = try Service(
            at: location,
            context: ServiceContext(decoder: nil, shares: [folder.file("0.share"), folder.file("1.share")]))
        let without = try Service(at: location, context: .init(decoder: nil))
        _ = try with.analysis(of: meeting.id)
        #expect(throws: StoreError(.sharesMissing, "")) { try without.analysis(of: meeting.id) }
        #expect(throws: StoreError(.sharesMissing, "")) { try owner.analysis(of: meeting.id) }
        _ = try with.issueTicket(meeting: meeting.id, client: "ada@example.org")
    }

    @Test func theActorOfTheContextIsLogged() throws {
        _ = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let actor = AuditActor(name: "console: ada", host: "192.0.2.7")
        let service = try Service(at: location, context: ServiceContext(decoder: nil, actor: actor))
        _ = try service.enrol(MeetingDraft(title: "T", startsAt: Store.systemClock()), roster: ServiceTests.roster)
        let details = try #require(try service.store.auditEntries(limit: 1).first?.details)
        #expect(details["actor"] == "console: ada" && details["host"] == "192.0.2.7")
        // Without a host none is written.
        let other = try Service(at: location, context: ServiceContext(decoder: nil, actor: AuditActor(name: "cron")))
        try other.store.record(.init(.view))
        let entry = try #require(try other.store.auditEntries(limit: 1).first?.details)
        #expect(entry["actor"] == "cron" && entry["host"] == nil)
    }

    /// "Purging happens where a store is opened, whoever opens it", by the clock of the context.
    @Test func openingPurgesWhatIsDue() throws {
        var settings = OrganisationSettings()
        settings.retentionDays = 1
        let start: Timestamp = 1_700_000_000
        let context = ServiceContext(decoder: nil, clock: { start })
        let service = try Service.create(
            at: location, organisation: "Example Ltd", settings: settings, context: context)
        var draft = MeetingDraft(title: "T", startsAt: start)
        draft.durationSeconds = 3_600
        let meeting = try service.enrol(draft, roster: ServiceTests.roster)
        let due = start + 3_600 + 86_400
        let early = try Service(at: location, context: ServiceContext(decoder: nil, clock: { due - 1 }))
        #expect(early.store.openingPurge == OpeningPurge())
        let asItIs = try Service(at: location, context: ServiceContext(decoder: nil, clock: { due }), purges: false)
        #expect(try asItIs.store.meeting(meeting.id).id == meeting.id)
        let late = try Service(at: location, context: ServiceContext(decoder: nil, clock: { due }))
        #expect(late.store.openingPurge.meetings == [meeting.id] && late.store.openingPurge.failure == nil)
        #expect(try late.store.meetings(in: try late.store.organisation().id).isEmpty)
    }

    // MARK: A leak

    /// Enrols, marks, analyses and reports with public calls alone; the hint is the front end's.
    @Test func aLeakBecomesAStoredAnswer() throws {
        let context = ServiceContext(decoder: nil, word: { $0 == .otherMeetings ? "Look elsewhere." : nil })
        let service = try Service.create(at: location, organisation: "Example Ltd", context: context)
        let start = Store.systemClock()
        let meeting = try service.enrol(MeetingDraft(title: "Board", startsAt: start), roster: ServiceTests.roster)
        _ = try service.enrol(MeetingDraft(title: "Other", startsAt: start), roster: ServiceTests.roster)
        let ticket = try service.issueTicket(meeting: meeting.id, client: "bela@example.org")
        let host = SpeechLike.samples(seconds: 101, seed: 7)
        let marked = try Marking.mark(host, seeds: ticket.seeds, at: 60)
        for (name, samples) in [("leak.wav", marked), ("host.wav", host)] {
            try Media.wav([samples], rate: 16_000).write(to: URL(fileURLWithPath: folder.file(name)))
        }
        let outcome = try service.analyse(
            folder.file("leak.wav"), meeting: meeting.id, label: AnalysisLabel(name: "Case 1"))
        let answer = try #require(outcome.answer)
        #expect(answer.verdict == .identified && answer.sources.map(\.email) == ["bela@example.org"])
        #expect(answer.hint == nil && answer.name == "Case 1" && outcome.result == .verdict(.identified))
        let stored = try service.storedAnswer(try #require(outcome.id))
        #expect(stored.answer == answer && stored.evidence?.organisation == "Example Ltd")
        #expect(HTMLReport(stored).text.contains("<strong>Bela</strong>"))
        #expect(answer.text.contains("Bela <bela@example.org>, laptop"))
        let nothing = try service.analyse(
            folder.file("host.wav"), meeting: meeting.id, options: AnalysisOptions(effort: .fast, keepsAnswers: false))
        #expect(nothing.answer?.verdict == .notFound && nothing.answer?.hint == "Look elsewhere." && nothing.id == nil)
        let search = try service.search(SearchRange(organisation: try service.store.organisation()))
        #expect(search.meetingCount == 2)
        let found = try search.analyse(folder.file("leak.wav"), label: .init(), sha256: nil, progress: nil)
        #expect(found.answer?.meeting?.id == meeting.id && found.answer?.search?.meetings == 2)
    }

    @Test func aRefusedFileIsAnOutcomeAndHasNoReport() throws {
        let service = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let meeting = try service.enrol(
            MeetingDraft(title: "Board", startsAt: Store.systemClock()), roster: ServiceTests.roster)
        try Data("no recording".utf8).write(to: URL(fileURLWithPath: folder.file("text.wav")))
        let outcome = try service.analyse(folder.file("text.wav"), meeting: meeting.id)
        #expect(outcome.refusal?.code == "unsupportedType" && outcome.result == .refused)
        #expect(throws: ServiceError(.refused, "")) { try service.storedAnswer(try #require(outcome.id)) }
        #expect(throws: StoreError(.unknownAnalysis, "")) { try service.storedAnswer("a_none") }
        let empty = SearchRange(organisation: try service.store.organisation(), since: Store.systemClock() + 1_000_000)
        #expect(throws: ServiceError(.nothingToSearch, "")) { try service.search(empty) }
    }
}
