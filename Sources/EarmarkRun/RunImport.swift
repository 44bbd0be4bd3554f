import Crypto
import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
package import EarmarkService
import EarmarkStore
import Foundation

extension WorkLine {
    /// Whether it is about what was planned: an input with this digest, or one of which it says otherwise.
    fileprivate func isAbout(_ planned: String?) -> Bool {
        guard let sha256 else { return outcome.refusal.map { !RefusalWords.isOfContent($0.code) } ?? false }
        guard let planned else { return true }
        return (sha256 == planned) == (outcome.refusal?.code != Worker.changed)
    }
}

/// Takes the answers of a merged run into the store, as analyses like any others.
package struct RunImport {
    /// What came of it, as JSON.
    package struct Summary: Encodable, Equatable, Sendable {
        /// Analyses that were stored.
        package let added: Int
        /// Analyses that an earlier import had stored.
        package let known: Int
        /// Inputs of the run.
        package let inputs: Int
    }

    private let service: Service
    private let plan: RunPlan
    private let path: String
    private var bundles: [BundleID: IssuedBundle] = [:]
    private var bounds: [BundleID: [Double]] = [:]
    private var subjects: [MeetingID: AnalysisSubject] = [:]

    /// Seconds by which a worker's clock may differ from the store's.
    private static let clockTolerance: Int64 = 300

    /// - Parameters:
    ///   - path: the merged run.
    ///   - plan: its plan.
    ///   - service: where the answers go.
    package init(_ path: String, of plan: RunPlan, into service: Service) {
        self.path = path
        self.plan = plan
        self.service = service
    }

    /// Verifies all lines, then stores all answers with one audit entry; nothing if anything is refused.
    ///
    /// - Throws: `RunError`; `StoreError`, `meetingExpired` where a meeting was purged.
    package mutating func run() throws -> Summary {
        // Once without writing, so that no transaction is open for as long as a faulty run takes to be refused.
        try RunFile.read(path, of: plan) { item, bytes in _ = try drafts(item, bytes) }
        let reader = try LineReader(path, of: plan)
        var pending: [(id: AnalysisID, draft: AnalysisDraft)] = []
        let count = try service.store.importAnalyses(ofRun: plan.digest) {
            while pending.isEmpty {
                guard let (item, bytes) = try reader.next() else { return nil }
                pending = try drafts(item, bytes).enumerated().map { place, found in
                    (analysisID(item, place), found)
                }
            }
            return pending.removeFirst()
        }
        return Summary(added: count.added, known: count.known, inputs: plan.items.count)
    }

    /// The identifier of an answer: by its place in the run, so that another line about the same input is no second
    /// analysis.
    private func analysisID(_ item: Int, _ place: Int) -> AnalysisID {
        let name = "\(RunImport.label)\0\(plan.digest)\0\(item)\0\(place)"
        return Store.analysisID(ofLine: Array(SHA256.hash(data: Data(name.utf8))))
    }

    /// What tells digests of places in a run from all others.
    private static let label = "earmark/v1/run-analysis"

    // MARK: Lines

    /// The answers of a line, as the store keeps them.
    private mutating func drafts(
        _ item: Int, _ bytes: [UInt8]
    ) throws -> [AnalysisDraft] {
        let line = try verified(item, bytes)
        let bundle = try bundle(line.bundle)
        let outcomes = [line.outcome] + (line.outcome.further ?? [])
        let organisation = try service.store.organisation(bundle.organisationID)
        guard line.evidence.count == outcomes.count(where: { $0.answer != nil }) else {
            throw refuse(item, "lacks the evidence of an answer")
        }
        let meetings = outcomes.compactMap { $0.answer?.meeting?.id }
        guard outcomes.count == 1 || (bundle.isSearch && Set(meetings).count == outcomes.count) else {
            throw refuse(item, "answers more often than it was asked", .foreign)
        }
        let check = AnswerCheck(line: line, item: plan.items[item], thresholds: try thresholds(bundle))
        var evidence = line.evidence[...]
        return try outcomes.map { outcome in
            var draft = AnalysisDraft(
                organisationID: bundle.organisationID, meetingReference: line.request.meeting,
                fileName: FilePath.lastPart(outcome.path), sha256: line.sha256,
                outcome: .refusal(code: "", message: ""), name: plan.items[item].name ?? "",
                note: plan.items[item].note ?? "",
                toolVersion: line.request.toolVersion)
            if let refusal = outcome.refusal {
                guard let text = RefusalWords.text(refusal.code) else {
                    throw refuse(item, "is refused for a reason that no worker gives", .foreign)
                }
                draft.outcome = .refusal(code: refusal.code, message: text)
                draft.evidence = try encoded(RefusalOrigin(bundle: bundle.id, workerDate: line.outcome.date))
                // Of a meeting that the store may not even know.
                if refusal.code == Worker.notHeld { draft.meetingReference = bundle.id.text }
                return draft
            }
            guard var kept = evidence.popFirst(), let given = outcome.answer else {
                throw refuse(item, "has neither an answer nor a refusal")
            }
            if let problem = check.problem(given, kept) { throw refuse(item, problem, .foreign) }
            let answer = try named(given, bundle, line, item)
                .weighed(against: service.store, at: Timestamp(line.outcome.date) ?? Timestamp(seconds: 0))
            draft.meetingReference = answer.meeting?.id.text ?? line.request.meeting
            draft.outcome = .verdict(answer.verdict)
            draft.byteCount = answer.file.bytes
            draft.report = try encoded(answer)
            kept.evidence.workerDate = line.outcome.date
            draft.evidence = try encoded(kept.named(by: organisation))
            return draft
        }
    }

    private func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// A line that a worker of a bundle of this store signed, about this item of this plan, while the bundle held.
    private mutating func verified(_ item: Int, _ bytes: [UInt8]) throws -> WorkLine {
        guard let object = SignedLine.unverified(bytes),
            let line = try? JSONDecoder().decode(WorkLine.self, from: Data(object))
        else { throw refuse(item, "is none of a worker's", .malformed) }
        let bundle = try bundle(line.bundle)
        guard SignedLine.object(bytes, workerKey: bundle.workerKey) != nil else {
            throw refuse(item, "was not signed by a worker of bundle '\(bundle.id)', or was changed")
        }
        if let revoked = bundle.revokedAt {
            throw refuse(item, "is of bundle '\(bundle.id)', which was revoked at \(revoked.text)")
        }
        if let problem = AnswerCheck.problem(line) { throw refuse(item, problem, .foreign) }
        let planned = plan.items[item]
        guard line.place == WorkLine.Place(plan: plan.digest, item: item),
            line.outcome.path == RemoteInput.shown(planned.input), line.request.effort == plan.effort.rawValue,
            line.request.allowShort == plan.allowShort,
            line.request.triage ?? false == plan.triage ?? false,
            line.request.playedAt == planned.playedAt,
            line.isAbout(planned.sha256),
            planned.refusal.map({ $0.code == line.outcome.refusal?.code }) ?? true,
            planned.meeting == nil || planned.meeting == line.request.meeting
        else { throw refuse(item, "is about something else than the plan asks", .foreign) }
        let isHeld = bundle.meetings.contains(MeetingID(line.request.meeting))
        let isRefused = line.outcome.refusal?.code == Worker.notHeld && planned.meeting == line.request.meeting
        guard isHeld || isRefused || (bundle.isSearch && RunImport.isSearch(line.request.meeting)) else {
            throw refuse(item, "is about a meeting that bundle '\(bundle.id)' does not hold")
        }
        guard let date = Timestamp(line.outcome.date), date < bundle.expiresAt + RunImport.clockTolerance,
            date + RunImport.clockTolerance >= bundle.createdAt
        else { throw refuse(item, "was not made while bundle '\(bundle.id)' held") }
        return line
    }

    private mutating func bundle(_ id: BundleID) throws -> IssuedBundle {
        if let known = bundles[id] { return known }
        let bundle = try service.store.bundle(id)
        bundles[id] = bundle
        // Told by name, before anything of it is read.
        if let purged = try service.store.purged(among: bundle.meetings).first, !bundle.isSearch {
            throw StoreError(
                .meetingExpired,
                "bundle '\(id)' holds meeting '\(purged)', which was purged: nothing of it is taken in")
        }
        return bundle
    }

    /// Whether a text names all meetings of a time, as `SearchRange.reference` writes it.
    private static func isSearch(_ text: String) -> Bool {
        guard let found = text.wholeMatch(of: /any(?: since ([0-9TZ:.-]+))?(?: until ([0-9TZ:.-]+))?/) else {
            return false
        }
        let times = [found.1, found.2].compactMap { $0.map { String($0) } }
        return times.allSatisfy { Timestamp($0)?.text == $0 }
    }

    /// The bounds that an organisation may have had when a bundle was made, by the audit log; empty if it does not
    /// tell.
    private mutating func thresholds(_ bundle: IssuedBundle) throws -> [Double] {
        if let known = bounds[bundle.id] { return known }
        let changes = try service.store.logHistory().thresholdChanges(in: bundle.organisationID)
        let before = changes.last { $0.at < bundle.createdAt }.map { [$0.log10Threshold] }
        let atOnce = changes.filter { $0.at == bundle.createdAt }.map(\.log10Threshold)
        let present = try service.store.organisation(bundle.organisationID).settings.log10Threshold
        let found = before.map { $0 + atOnce } ?? (changes.isEmpty ? [present] : [])
        bounds[bundle.id] = found
        return found
    }

    /// The answer with names, and without words that the store has itself.
    private mutating func named(
        _ answer: Answer, _ bundle: IssuedBundle, _ line: WorkLine, _ item: Int
    ) throws -> Answer {
        var subject: AnalysisSubject?
        if let meeting = answer.meeting?.id {
            guard bundle.meetings.contains(meeting), bundle.isSearch || meeting.text == line.request.meeting else {
                throw refuse(item, "answers about a meeting that was not asked about")
            }
            subject = try self.subject(meeting)
        }
        guard var named = answer.named(by: subject, bundle: bundle.id.text) else {
            throw refuse(item, "names a client that is not enrolled in the meeting")
        }
        if answer.hint != nil { named.hint = service.context.word(.otherMeetings) }
        named.name = plan.items[item].name ?? ""
        named.note = plan.items[item].note ?? ""
        return named
    }

    private mutating func subject(_ meeting: MeetingID) throws -> AnalysisSubject {
        if let known = subjects[meeting] { return known }
        let subject = try service.store.analysisSubject(meeting)
        if subjects.count == RunImport.keptMeetings { subjects.removeAll() }
        subjects[meeting] = subject
        return subject
    }

    /// Meetings whose rosters are kept: a thousand clients take under 1 MB.
    private static let keptMeetings = 64

    private func refuse(_ item: Int, _ text: String, _ code: RunError.Code = .unsigned) -> RunError {
        RunError(code, "the line about '\(RemoteInput.shown(plan.items[item].input))' \(text): nothing is taken in")
    }
}
