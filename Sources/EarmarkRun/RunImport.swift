import Crypto
import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
package import EarmarkService
import EarmarkStore
import Foundation

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
        var tags: Set<ClientID> = []
        try RunFile.read(path, of: plan) { item, bytes in
            for (_, answer) in try drafts(item, bytes) { tags.formUnion(answer?.taggingClients ?? []) }
        }
        let reader = try LineReader(path, of: plan)
        var pending: [(id: AnalysisID, draft: AnalysisDraft)] = []
        let count = try service.store.importAnalyses(ofRun: plan.digest) {
            while pending.isEmpty {
                guard let (item, bytes) = try reader.next() else { return nil }
                pending = try drafts(item, bytes).enumerated().map { place, found in
                    (Store.analysisID(ofLine: Array(SHA256.hash(data: bytes + [UInt8(place)]))), found.draft)
                }
            }
            return pending.removeFirst()
        }
        try service.store.noteTags(heardFrom: Array(tags))
        return Summary(added: count.added, known: count.known, inputs: plan.items.count)
    }

    // MARK: Lines

    /// The answers of a line, as the store keeps them.
    private mutating func drafts(
        _ item: Int, _ bytes: [UInt8]
    ) throws -> [(draft: AnalysisDraft, answer: Answer?)] {
        let line = try verified(item, bytes)
        let bundle = try bundle(line.bundle)
        let outcomes = [line.outcome] + (line.outcome.further ?? [])
        let organisation = try service.store.organisation(bundle.organisationID)
        guard line.evidence.count == outcomes.count(where: { $0.answer != nil }) else {
            throw refuse(item, "lacks the evidence of an answer")
        }
        var evidence = line.evidence[...]
        return try outcomes.map { outcome in
            var draft = AnalysisDraft(
                organisationID: bundle.organisationID, meetingReference: line.request.meeting,
                fileName: FilePath.lastPart(outcome.path), sha256: line.sha256,
                outcome: .refusal(code: "", message: ""), name: plan.items[item].name ?? "",
                note: plan.items[item].note ?? "",
                toolVersion: line.request.toolVersion)
            if let refusal = outcome.refusal {
                draft.outcome = .refusal(code: refusal.code, message: refusal.message)
                return (draft, nil)
            }
            guard let kept = evidence.popFirst(), let answer = try named(outcome.answer, bundle, line, item) else {
                throw refuse(item, "has neither an answer nor a refusal")
            }
            draft.meetingReference = answer.meeting?.id.text ?? line.request.meeting
            draft.outcome = .verdict(answer.verdict)
            draft.byteCount = answer.file.bytes
            draft.report = try encoded(answer)
            draft.evidence = try encoded(kept.named(by: organisation))
            return (draft, answer)
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
        let planned = plan.items[item]
        guard line.place == WorkLine.Place(plan: plan.digest, item: item),
            line.outcome.path == RemoteInput.shown(planned.input), line.request.effort == plan.effort.rawValue,
            planned.sha256 == nil || line.outcome.refusal != nil || planned.sha256 == line.sha256,
            planned.meeting == nil || planned.meeting == line.request.meeting
        else { throw refuse(item, "is about something else than the plan asks", .foreign) }
        let isHeld = bundle.meetings.contains(MeetingID(line.request.meeting))
        guard isHeld || (bundle.isSearch && line.request.meeting.hasPrefix("any")) else {
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

    /// The answer with names.
    private mutating func named(
        _ answer: Answer?, _ bundle: IssuedBundle, _ line: WorkLine, _ item: Int
    ) throws -> Answer? {
        guard let answer else { return nil }
        guard answer.file.sha256 == line.sha256 else { throw refuse(item, "speaks of another file") }
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
