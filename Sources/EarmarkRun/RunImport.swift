import Crypto
import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
package import EarmarkService
import EarmarkStore
import Foundation

/// Takes the answers of a merged run into the store, as analyses like any others.
package final class RunImport {
    private let service: Service
    private let plan: RunPlan
    private let path: String
    /// Whether answers about meetings that were purged are left out, instead of refusing all.
    private let leavesOutPurged: Bool
    private var bundles: [BundleID: IssuedBundle] = [:]
    private var purged: Set<MeetingID> = []
    private var bounds: [BundleID: [Double]] = [:]
    private var subjects: [MeetingID: AnalysisSubject] = [:]
    private var changed: [BundleID: [MeetingID: Bool]] = [:]
    private var leftOut = 0
    private let history: LogHistory

    /// Seconds by which a worker's clock may differ from the store's.
    private static let clockTolerance: Int64 = 300
    /// Answers that are stored in one transaction: some seconds at most, and others wait ten.
    var batch = 1_000
    /// What is done before each transaction: whoever waits for the store gets it, as waiting is asking ten times a
    /// second.
    var rest: () throws -> Void = { usleep(120_000) }

    /// - Parameters:
    ///   - path: the merged run.
    ///   - plan: its plan.
    ///   - service: where the answers go.
    ///   - leavesOutPurged: whether answers about meetings that were purged are left out; else all are refused.
    /// - Throws: `StoreError`.
    package init(
        _ path: String, of plan: RunPlan, into service: Service, leavesOutPurged: Bool = false
    ) throws {
        self.path = path
        self.plan = plan
        self.service = service
        self.leavesOutPurged = leavesOutPurged
        history = try service.store.logHistory()
    }

    /// Verifies all lines, then stores the answers; nothing if any line is refused.
    ///
    /// Some at a time, so that others can write in between. What is there already is told, so that an import that was
    /// killed goes on.
    /// - Throws: `RunError`; `StoreError`, `meetingExpired` where a meeting was purged.
    package func run() throws -> Summary {
        // Once without writing, so that no transaction is open for as long as a faulty run takes to be refused.
        let revoked = Set(try service.store.revocations().keys)
        var contradictions = Contradictions()
        try RunFile.read(path, of: plan) { item, bytes in
            for found in try imported(item, bytes) {
                if let known = try service.store.analysis(inPlaceOf: found, revoked: revoked),
                    RunImport.judgement(of: found, beside: known) == .contradicts
                {
                    contradictions.add(found, beside: known)
                }
            }
        }
        if let refusal = RunImport.refusal(of: contradictions) { throw refusal }
        leftOut = 0
        let reader = try LineReader(path, of: plan)
        var pending: [ImportedAnalysis] = []
        var total = ImportCount()
        var isAtEnd = false
        while !isAtEnd {
            try rest()
            let part = try service.store.importAnalyses(
                ofRun: plan.digest, limit: batch,
                from: .init(
                    revoked: { [self] in
                        // Bundles may have been revoked, and meetings purged, since the last look.
                        bundles.removeAll()
                        subjects.removeAll()
                        return Set(try service.store.revocations().keys)
                    },
                    next: { [self] in
                        while pending.isEmpty {
                            guard let (item, bytes) = try reader.next() else { return nil }
                            pending = try imported(item, bytes)
                        }
                        return pending.removeFirst()
                    }, judge: RunImport.judged, deleted: history.deletedAnalyses,
                    leftOut: { [self] in leftOut }))
            total.add(part.count)
            isAtEnd = part.isAtEnd
        }
        return Summary(total, leftOut: leftOut, of: plan)
    }

    /// The answers of a line with the identifiers that they get.
    private func imported(_ item: Int, _ bytes: [UInt8]) throws -> [ImportedAnalysis] {
        try drafts(item, bytes).enumerated().compactMap { place, draft in
            draft.map {
                ImportedAnalysis(
                    id: analysisID(item, place), beside: analysisID(item, place, of: $0.bundle), draft: $0)
            }
        }
    }

    /// The identifier of an answer: by its place in the run, so that another line about the same input is no second
    /// analysis.
    ///
    /// `bundle`: that of the worker, where the answer of a bundle that was revoked is there already.
    private func analysisID(_ item: Int, _ place: Int, of bundle: BundleID? = nil) -> AnalysisID {
        let name =
            "\(RunImport.label)\0\(plan.digest)\0\(item)\0\(place)" + (bundle.map { "\0\($0)" } ?? "")
        return Store.analysisID(ofLine: Array(SHA256.hash(data: Data(name.utf8))))
    }

    /// What tells digests of places in a run from all others.
    private static let label = "earmark/v1/run-analysis"

    // MARK: Lines

    /// The answers of a line, as the store keeps them; nil for those that are left out.
    private func drafts(
        _ item: Int, _ bytes: [UInt8]
    ) throws -> [AnalysisDraft?] {
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
        var evidence = line.evidence[...]
        return try outcomes.map { outcome in
            if purged.contains(outcome.answer?.meeting?.id ?? MeetingID(line.request.meeting)) {
                leftOut += 1
                if outcome.answer != nil { _ = evidence.popFirst() }
                return nil
            }
            var draft = AnalysisDraft(
                organisationID: bundle.organisationID, meetingReference: line.request.meeting,
                // All of it: the last part alone tells no input of a run from others.
                fileName: outcome.path, sha256: line.sha256,
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
            let subject = try subject(of: given, bundle, line, item)
            let check = AnswerCheck(
                line: line, item: plan.items[item], thresholds: try thresholds(bundle), subject: subject,
                isChanged: subject.map { isChanged($0.meeting.id, since: bundle.id) } ?? false)
            if let problem = check.problem(given, kept) { throw refuse(item, problem, .foreign) }
            let answer = try named(given, by: subject, bundle, item)
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
    private func verified(_ item: Int, _ bytes: [UInt8]) throws -> WorkLine {
        guard let object = SignedLine.unverified(bytes),
            let line = try? JSONDecoder().decode(WorkLine.self, from: Data(object))
        else { throw refuse(item, "is none of a worker's", .malformed) }
        // With its signature: of members of one name, one reader takes the first, and another the last.
        guard EvidencePackage.namesDiffer(bytes) else {
            throw refuse(item, "names a member twice, or with escapes", .malformed)
        }
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
        guard date <= service.context.clock() + RunImport.clockTolerance else {
            throw refuse(item, "has a date that has not come yet", .foreign)
        }
        return line
    }

    private func bundle(_ id: BundleID) throws -> IssuedBundle {
        if let known = bundles[id] { return known }
        let bundle = try service.store.bundle(id)
        bundles[id] = bundle
        // Told by name, before anything of it is read.
        let gone = try service.store.purged(among: bundle.meetings)
        if leavesOutPurged {
            purged.formUnion(gone)
        } else if let purged = gone.first, !bundle.isSearch {
            throw StoreError(
                .meetingExpired,
                "bundle '\(id)' holds meeting '\(purged)', which was purged: nothing is taken in. With "
                    + "--leave-out-purged the rest of the run is")
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
    private func thresholds(_ bundle: IssuedBundle) throws -> [Double] {
        if let known = bounds[bundle.id] { return known }
        let changes = history.thresholdChanges(in: bundle.organisationID)
        let before = changes.last { $0.at < bundle.createdAt }.map { [$0.log10Threshold] }
        let atOnce = changes.filter { $0.at == bundle.createdAt }.map(\.log10Threshold)
        let present = try service.store.organisation(bundle.organisationID).settings.log10Threshold
        let found = before.map { $0 + atOnce } ?? (changes.isEmpty ? [present] : [])
        bounds[bundle.id] = found
        return found
    }

    /// Whether a meeting's times or clients were changed since a bundle was made.
    private func isChanged(_ meeting: MeetingID, since bundle: BundleID) -> Bool {
        if let known = changed[bundle]?[meeting] { return known }
        let found = history.isChanged(meeting, sinceBundle: bundle)
        changed[bundle, default: [:]][meeting] = found
        return found
    }

    /// The meeting that an answer is about; nil where none was found.
    private func subject(
        of answer: Answer, _ bundle: IssuedBundle, _ line: WorkLine, _ item: Int
    ) throws -> AnalysisSubject? {
        guard let meeting = answer.meeting?.id else { return nil }
        guard bundle.meetings.contains(meeting), bundle.isSearch || meeting.text == line.request.meeting else {
            throw refuse(item, "answers about a meeting that was not asked about")
        }
        return try subject(meeting)
    }

    /// The answer with names, and without words that the store has itself.
    private func named(
        _ answer: Answer, by subject: AnalysisSubject?, _ bundle: IssuedBundle, _ item: Int
    ) throws -> Answer {
        guard var named = answer.named(by: subject, bundle: bundle.id.text) else {
            throw refuse(item, "names a client that is not enrolled in the meeting")
        }
        if answer.hint != nil { named.hint = service.context.word(.otherMeetings) }
        named.name = plan.items[item].name ?? ""
        named.note = plan.items[item].note ?? ""
        return named
    }

    private func subject(_ meeting: MeetingID) throws -> AnalysisSubject {
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
