public import EarmarkFiles
import Foundation

/// How many analyses the audit log knows.
public struct AnalysisCounts: Sendable, Equatable {
    /// Of one meeting: those that asked for it or found it, refused files and references included.
    public let meeting: Int
    /// With this store, since it was made.
    public let store: Int
}

/// When an organisation's bound was what, by the audit log.
public struct ThresholdChange: Sendable, Equatable {
    /// When it was set.
    public let at: Timestamp
    /// What it was set to, log10.
    public let log10Threshold: Double
    /// Whether the log has it after the first look at what was analysed, and before the analysis itself.
    public let isAfterFirstLook: Bool
    /// Whether the log has it before the analysis, or before the bundle was sealed with which a worker came to it.
    public let isBefore: Bool
}

/// What an analysis's bound was decided by, and whether before its recording was looked at.
public struct LimitHistory: Sendable, Equatable {
    /// When the same file was first analysed; nil if the log does not tell.
    public internal(set) var firstAnalysis: Timestamp?
    /// When the same file, or another recording of the same meeting, was; nil if the log does not tell.
    public internal(set) var firstLook: Timestamp?
    /// When the bundle was sealed with which a worker came to it; nil if there was none, or the log does not tell.
    public internal(set) var sealed: Timestamp?
    /// What the bound was set to after the store was made, in order.
    public internal(set) var changes: [ThresholdChange] = []
}

/// What the audit log has of one kind of action on the records of a meeting.
public struct RecordsChange: Sendable, Equatable {
    /// What was done.
    public let action: AuditAction
    /// How many entries the log has of it.
    public internal(set) var count: Int
    /// When the first of these was made.
    public internal(set) var first: Timestamp
    /// When the last of these was.
    public internal(set) var last: Timestamp
    /// Whether the meeting had begun, by the latest time that the log vouches for until then.
    public let isAfterStart: Bool
    /// By how many seconds the clock was behind that time, at most; nil where it was not.
    public internal(set) var clockBehindSeconds: Int64?
}

/// What the audit log tells of analyses and of what they rest on: read as a whole, in one snapshot, every link and
/// every detail verified.
public struct LogHistory: Sendable {
    struct Entry: Sendable {
        let action: AuditAction
        let position: Int64
        let at: Timestamp
        /// The latest time that the log vouches for until this entry, its own included.
        let reached: Timestamp
        let clockBehindSeconds: Int64?
        let meetingID: MeetingID?
        /// The details as they are stored; nil where they are not told, or gone.
        let bytes: Data?

        /// The details by name.
        ///
        /// Read when they are wanted: most never are.
        var details: [String: String] {
            bytes.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
        }

        /// Whether it is of a file.
        func isOf(file sha256: String) -> Bool {
            bytes?.range(of: Data(sha256.utf8)) != nil && details["sha256"] == sha256
        }

        /// Whether the entry is of this meeting, or of a run in which it was analysed.
        func isAnalysis(of meetingID: MeetingID) -> Bool {
            self.meetingID == meetingID || imported[meetingID.text] != nil
        }

        /// Analyses by meeting of a run that was imported.
        var imported: [String: Int] { action == .runImport ? LogHistory.imported(details) : [:] }

        /// What the bound of an organisation was set to; every change of settings tells all of them.
        func threshold(of organisationID: OrganisationID?) -> Double? {
            guard details["organisation"] == organisationID?.text else { return nil }
            return details["log10Threshold"].flatMap(Double.init)
        }
    }

    /// Actions whose details are told.
    private static let detailed: Set<AuditAction> = [
        .analyse, .analyseUnstored, .analysisDelete, .bundleCreate, .mark, .runImport, .settingsChange, .tagsHeard,
    ]

    /// Actions on what a meeting's answers rest on: who is which client, its times and keys, tickets and marks.
    ///
    /// A sealed bundle of several meetings is an entry of none of them.
    private static let changing: Set<AuditAction> = [
        .meetingCreate, .meetingEdit, .clientsAdd, .clientRemove, .clientJoin, .clientLeave, .clientMicrophone,
        .ticketsIssue, .ticketRevoke, .mark, .commit, .bundleCreate, .hold, .release,
    ]

    /// Where the log ended when it was read.
    var head = LogHead()
    /// Analyses that the log tells of.
    private(set) var tally = AnalysisTally()
    private(set) var entries: [Entry] = []
    /// Whether all entries are there.
    private(set) var isWhole = true
    /// Purges among them, each of which takes details of earlier ones.
    private(set) var purgeCount = 0
    private var watch: ClockWatch

    /// Nothing yet; `clockGuardDays`: days for which the clock may be ahead.
    init(clockGuardDays: Int64) { watch = ClockWatch(days: clockGuardDays) }

    /// Entries that are kept to go on from, some 30 MB; a longer log is read again for what is not counted.
    private static let keptEntries = 100_000

    /// What is kept of it, to go on from.
    var kept: LogHistory {
        guard entries.count > Self.keptEntries else { return self }
        var kept = self
        (kept.entries, kept.isWhole) = ([], false)
        return kept
    }

    /// The guard, seconds.
    var clockLimit: Int64 { watch.limit }

    /// Takes the next entry.
    mutating func add(_ entry: LogEntryRow) throws {
        let behind = watch.secondsBehind(entry.at)
        try watch.take(entry)
        guard let action = AuditAction(rawValue: entry.action) else { return }
        let taken = Entry(
            action: action, position: entry.position, at: entry.at, reached: max(watch.base ?? entry.at, entry.at),
            clockBehindSeconds: behind, meetingID: try entry.meetingID(),
            bytes: Self.detailed.contains(action) ? entry.details?.bytes : nil)
        tally.add(taken)
        if action == .purge { purgeCount += 1 }
        if isWhole { entries.append(taken) }
    }

    /// Analyses by meeting of a run that was imported, as its entry tells them.
    static func imported(_ details: [String: String]) -> [String: Int] {
        (details[ImportCount.detail] ?? "").split(separator: " ").reduce(into: [:]) { counts, part in
            let words = part.split(separator: "=")
            if words.count == 2, let count = Int(words[1]) { counts[String(words[0]), default: 0] += count }
        }
    }

    // MARK: What it tells

    /// Where the log has an analysis, or the import of the run that it is of; where the entry's details are gone, the
    /// last place of its second.
    func place(of record: AnalysisRecord) -> Int64 {
        ownPlace(of: record) ?? entries.last { $0.at <= record.createdAt }?.position ?? 0
    }

    /// The same, but the first place of its second where the entry's details are gone.
    func firstPlace(of record: AnalysisRecord) -> Int64 {
        ownPlace(of: record) ?? entries.first { $0.at >= record.createdAt }?.position ?? .max
    }

    private func ownPlace(of record: AnalysisRecord) -> Int64? {
        let ofTime = entries.filter { $0.at == record.createdAt }
        let own =
            ofTime.last { $0.action == .analyse && $0.details["analysis"] == record.id.text }
            ?? ofTime.last { $0.action == .runImport }
        return own?.position
    }

    /// How many analyses had been made until this one, deleted ones included; of a meeting that is nil or gone 0 in
    /// `meeting`.
    public func analysisCounts(until record: AnalysisRecord) -> AnalysisCounts {
        let last = place(of: record)
        var tally = AnalysisTally()
        for entry in entries where entry.position <= last {
            tally.add(entry)
        }
        return tally.counts(ofMeeting: record.meetingID)
    }

    /// When what an analysis examined was first looked at, and what the bound of its organisation was when.
    ///
    /// By the log's own order, as a clock can be set back: the first entry of the same file, of another recording of
    /// the same meeting, or of a run that was imported for it. `earliest`: the date of the first of these that is
    /// stored; a decision after its second counts as later, too, whatever the log has lost. `bundle`: the sealed
    /// bundle with which a worker came to it, whose bound is the one that was in force when it was made.
    public func limits(of record: AnalysisRecord, earliest: Timestamp, bundle: String?) -> LimitHistory {
        let sha256 = record.content.sha256
        let sealed = entries.first { $0.action == .bundleCreate && bundle != nil && $0.details["bundle"] == bundle }
        let own = sealed?.position ?? place(of: record)
        var history = LimitHistory()
        history.sealed = sealed?.at
        for entry in entries {
            switch entry.action {
            case .settingsChange:
                guard let value = entry.threshold(of: record.content.organisationID),
                    value != history.changes.last?.log10Threshold
                else { continue }
                let isLater = (history.firstLook != nil || entry.at > earliest) && entry.position <= own
                history.changes.append(
                    ThresholdChange(
                        at: entry.at, log10Threshold: value, isAfterFirstLook: isLater,
                        isBefore: entry.position <= own))
            case .analyse, .analyseUnstored, .runImport:
                let isSameFile = sha256.map(entry.isOf) ?? false
                if isSameFile { history.firstAnalysis = history.firstAnalysis ?? entry.at }
                let isSameMeeting = record.meetingID.map(entry.isAnalysis) ?? false
                if isSameFile || isSameMeeting { history.firstLook = history.firstLook ?? entry.at }
            default: break
            }
        }
        return history
    }

    /// What an organisation's bound was set to after the store was made, in order.
    public func thresholdChanges(in organisationID: OrganisationID) -> [ThresholdChange] {
        entries.reduce(into: []) { changes, entry in
            guard entry.action == .settingsChange, let value = entry.threshold(of: organisationID),
                value != changes.last?.log10Threshold
            else { return }
            changes.append(
                ThresholdChange(at: entry.at, log10Threshold: value, isAfterFirstLook: false, isBefore: true))
        }
    }

    /// What was done with the records of the meeting that an analysis is of, until that.
    ///
    /// In the log's order, by action and by whether the meeting had begun; empty if it is of none. It had where the log
    /// has a time at or after the start before the entry, whatever the entry's own clock says.
    public func recordsChanges(until record: AnalysisRecord, start: Timestamp) -> [RecordsChange] {
        recordsChanges(record, start: start, isLater: false)
    }

    /// The same of what was done after the analysis.
    public func recordsChanges(after record: AnalysisRecord, start: Timestamp) -> [RecordsChange] {
        recordsChanges(record, start: start, isLater: true)
    }

    private func recordsChanges(_ record: AnalysisRecord, start: Timestamp, isLater: Bool) -> [RecordsChange] {
        guard let meetingID = record.meetingID else { return [] }
        let own = place(of: record)
        var changes: [RecordsChange] = []
        for entry in entries where (entry.position > own) == isLater && entry.meetingID == meetingID {
            guard Self.changing.contains(entry.action) else { continue }
            let isAfterStart = entry.reached >= start
            let behind = entry.clockBehindSeconds
            if let known = changes.firstIndex(where: { $0.action == entry.action && $0.isAfterStart == isAfterStart }) {
                changes[known].count += 1
                changes[known].first = min(changes[known].first, entry.at)
                changes[known].last = max(changes[known].last, entry.at)
                changes[known].clockBehindSeconds = [changes[known].clockBehindSeconds, behind].compactMap { $0 }.max()
            } else {
                changes.append(
                    RecordsChange(
                        action: entry.action, count: 1, first: entry.at, last: entry.at, isAfterStart: isAfterStart,
                        clockBehindSeconds: behind))
            }
        }
        return changes
    }
}

/// How many analyses the log's entries tell of, up to one of them.
struct AnalysisTally: Sendable {
    private var store = 0
    private var meetings: [String: Int] = [:]

    /// Takes the next entry.
    mutating func add(_ entry: LogHistory.Entry) {
        switch entry.action {
        case .analyse, .analyseUnstored:
            store += 1
            if let meetingID = entry.meetingID { meetings[meetingID.text, default: 0] += 1 }
        case .runImport:
            for (meeting, count) in entry.imported {
                store += count
                meetings[meeting, default: 0] += count
            }
        default: break
        }
    }

    /// What was counted.
    func counts(ofMeeting meetingID: MeetingID?) -> AnalysisCounts {
        AnalysisCounts(meeting: meetingID.flatMap { meetings[$0.text] } ?? 0, store: store)
    }
}
