import EarmarkFiles
import Foundation
import GRDB

/// Checks the entries of the audit log one after another.
struct LogCheck {
    let vouching: Vouching
    /// Meetings whose purge took the details of their entries.
    let purged: [MeetingID: Timestamp]
    /// What was found so far.
    var result = AuditVerification()
    /// Places whose links were noted elsewhere.
    let noted: Set<Int64>
    /// The links of those that came by.
    private(set) var links: [Int64: String] = [:]
    private var previous = AuditChain.origin
    /// Anchors and the clock's guard as they were last set, and when.
    private var anchors: (text: String, at: Timestamp)?
    private var clockGuard: String?
    private var watch: ClockWatch
    /// Entries under a clock that was behind what the log had before: how many, the first, and seconds at most.
    private var behind: (count: Int, first: Int64, seconds: Int64)?
    /// Entries under a clock that was put ahead: how many, and the first.
    private var ahead: (count: Int, first: Int64)?

    init(vouching: Vouching, purged: [MeetingID: Timestamp], noted: Set<Int64>) {
        watch = ClockWatch(days: vouching.clockGuardDays)
        self.noted = noted
        self.vouching = vouching
        self.purged = purged
    }

    /// Checks one entry.
    mutating func add(_ entry: LogEntryRow) {
        let position = entry.position
        if position > result.count + 1 {
            result.problems.append("entries \(result.count + 1) to \(position - 1) are missing")
        }
        if vouching.chain.link(entry.fields(after: previous)) != entry.hash {
            result.problems.append("entry \(position) was changed, or the one before it")
        }
        if entry.details == nil { result.purgedDetails += 1 }
        if let problem = vouching.problem(withDetailsOf: entry, purged: purged) { result.problems.append(problem) }
        noteSettings(entry)
        noteClock(entry)
        if noted.contains(position) { links[position] = Hexadecimal.text(entry.hash) }
        previous = entry.hash
        result.count = position
        result.head = Hexadecimal.text(entry.hash)
    }

    private mutating func noteClock(_ entry: LogEntryRow) {
        if let seconds = watch.secondsBehind(entry.at) {
            let known = behind ?? (0, entry.position, 0)
            behind = (known.count + 1, known.first, max(known.seconds, seconds))
        }
        try? watch.take(entry)
        if entry.mentions("\"clockStep\""), let values = try? entry.values(), values["clockStep"] != nil {
            ahead = ((ahead?.count ?? 0) + 1, ahead?.first ?? entry.position)
        }
    }

    /// That dates in the log are too early, or may be too late, in sentences.
    var clockRemarks: [String] {
        func entries(_ count: Int) -> String { count == 1 ? "1 entry was" : "\(count) entries were" }
        let tooEarly = behind.map {
            "\(entries($0.count)) written under a clock that was behind, by up to \($0.seconds) s, entry \($0.first) "
                + "first: the order of the log counts, not these dates"
        }
        let tooLate = ahead.map {
            "\(entries($0.count)) written under a clock that had gone further than the machine ran, entry \($0.first) "
                + "first: it was set, or a virtual machine had stood still"
        }
        return [tooEarly, tooLate].compactMap { $0 }
    }

    // MARK: Settings in the key file

    private mutating func noteSettings(_ entry: LogEntryRow) {
        guard entry.action == AuditAction.settingsChange.rawValue, let values = try? entry.values() else { return }
        if let text = values["anchors"] { anchors = (text, entry.at) }
        if let days = values["clockGuardDays"] { clockGuard = days }
    }

    /// What the key file says otherwise than the log, in sentences: everything in it that was set was logged.
    func unlikeKeys(_ keys: KeyFile) -> [String] {
        var problems: [String] = []
        let (stored, set) = (Anchor.text(of: keys.anchors), anchors?.text ?? Anchor.text(of: []))
        if stored != set {
            problems.append(
                "the key file's anchors (\(stored)) are not those that were set by the log (\(set)): the key file was "
                    + "changed or is a copy; set them anew")
        }
        let days = clockGuard ?? "\(Store.defaultClockGuardDays)"
        if "\(keys.clockGuard)" != days {
            problems.append(
                "the key file lets the clock be \(keys.clockGuard) days ahead, and by the log \(days) were set: the "
                    + "key file was changed or is a copy; set it anew")
        }
        return problems
    }

    /// Which anchors do not reach to the log's end, in sentences.
    func behind(_ reach: [String: Int64]) -> [String] {
        var remarks = reach.filter { $0.value < result.count }.sorted { $0.key < $1.key }.map { path, place in
            "the anchor '\(path)' reaches to entry \(place) of \(result.count): it tells nothing of what came after"
        }
        if let anchors, anchors.text == Anchor.text(of: []) {
            remarks.append(
                "no anchor is set since \(anchors.at.text): a store that is put back to a state after that is not "
                    + "found")
        }
        return remarks
    }
}
