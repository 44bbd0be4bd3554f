import EarmarkFiles
import Foundation
import GRDB

/// Follows the times of the log's entries, and tells how far the clock may be believed.
///
/// An entry is believed unless its time is further ahead of the last one that is than the guard allows; so what is
/// written under a wrong clock vouches for nothing. Long steps add up against the guard, and time that passes in short
/// ones repays them: a clock that is put ahead bit by bit is found, too. A clock that is behind moves nothing: what was
/// believed once was so late already.
struct ClockWatch {
    /// Part of the guard that one step may take without counting: a store that is used every week has no long steps.
    private static let shortStepShare: Int64 = 4

    /// The guard, seconds.
    let limit: Int64
    /// The latest time of the entries that are believed; nil for an empty log.
    private(set) var base: Timestamp?
    /// Seconds of long steps that no short ones repaid.
    private var spent: Int64 = 0

    /// - Parameter days: the guard.
    init(days: Int64) { limit = days * Timestamp.secondsPerDay }

    /// Seconds above which a step is a long one; a day, as between the runs of a daily job, is never.
    private var shortStep: Int64 { max(Timestamp.secondsPerDay, limit / Self.shortStepShare) }

    /// Whether a step forward is a short one.
    func isShort(_ step: Int64) -> Bool { step <= min(shortStep, limit) }

    /// Whether a step from one entry to the next can change what is believed.
    func isLong(from last: Timestamp, to now: Timestamp) -> Bool { abs(now.seconds - last.seconds) > shortStep }

    /// Whether a clock that says `now` is believed after the entries that came by.
    func believes(_ now: Timestamp) -> Bool {
        guard let base else { return true }
        let step = now.seconds - base.seconds
        return isShort(step) || step + spent <= limit
    }

    /// Takes the next entry.
    mutating func take(_ at: Timestamp) {
        guard believes(at) else { return }
        let known = base ?? at
        let step = at.seconds - known.seconds
        // What a long step took is given back little by little, and not by a clock that is set back.
        spent = step > shortStep ? spent + step : max(0, spent - max(0, step))
        base = max(known, at)
    }

    /// Takes the next entry, which somebody may have said by that the clock is right.
    mutating func take(_ entry: LogEntryRow) throws {
        let isSaid = try entry.action == AuditAction.clockConfirm.rawValue && entry.values()["reason"] == nil
        if isSaid { confirm(entry.at) } else { take(entry.at) }
    }

    /// By how many seconds an entry's clock was behind what was believed before it; nil if clocks of processes may
    /// differ so much.
    func secondsBehind(_ at: Timestamp) -> Int64? {
        guard let base, at + Self.clockTolerance < base else { return nil }
        return base.seconds - at.seconds
    }

    /// Seconds by which clocks of processes may differ without a remark.
    static let clockTolerance: Int64 = 60

    /// Takes an entry by which somebody said that the clock is right.
    mutating func confirm(_ at: Timestamp) {
        (base, spent) = (at, 0)
    }
}

extension Vouching {
    /// What the log, and the running time beside its head, say of the clock.
    struct ClockState {
        /// What is believed by the entries' times.
        var watch: ClockWatch
        /// What it said when the machine had run for so long; nil where that is not known.
        var known: RunningClock?
        /// Whether the log already says that the clock is too far ahead, and nobody settled that.
        var isNoted = false

        /// Whether this clock is believed.
        func believes(_ reading: ClockReading) -> Bool {
            guard watch.believes(reading.now) else { return false }
            guard let known, let running = reading.running else { return true }
            return known.taking(reading.now, running, watch) != nil
        }

        /// Seconds of all such steps with this one, less what running time repaid; nil where it is none.
        func spent(_ reading: ClockReading) -> Int64? {
            guard step(reading) != nil else { return nil }
            return reading.running.flatMap { known?.after(reading.now, $0, watch).spent }
        }

        /// Seconds by which it is further than the machine ran; nil where it is not, or that is not known.
        func step(_ reading: ClockReading) -> Int64? {
            reading.running.flatMap { known?.step(to: reading.now, $0) }
        }
    }

    /// Follows the entries since somebody last confirmed the clock, each of which must be as it was written.
    ///
    /// - Parameters:
    ///   - head: the log's end, which was verified.
    ///   - known: the clock that is remembered beside it.
    /// - Throws: `rowsAltered`.
    func clockState(
        _ database: Database, days: Int64, head: LogHead, known: RunningClock?
    ) throws -> ClockState {
        let confirmed = try Int64.fetchAll(
            database, sql: "SELECT position FROM audit WHERE action = ? ORDER BY position DESC",
            arguments: [AuditAction.clockConfirm.rawValue])
        let said = try confirmed.first { try isSaid(byEntry: $0, database) }
        let first = said ?? 1
        var state = ClockState(watch: ClockWatch(days: days), known: known)
        var previous =
            try Data.fetchOne(database, sql: "SELECT hash FROM audit WHERE position = ?", arguments: [first - 1])
            .map { [UInt8]($0) } ?? AuditChain.origin
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM audit WHERE position >= ? ORDER BY position", arguments: [first])
        var position = first
        while let row = try rows.next() {
            previous = try link(row, position, after: previous)
            let (at, action): (Timestamp, String) = try (row.get("at"), row.get("action"))
            if position == said { state.watch.confirm(at) } else { state.watch.take(at) }
            switch AuditAction(rawValue: action) {
            case .clockAhead: state.isNoted = true
            case .clockConfirm: state.isNoted = false
            default: break
            }
            position += 1
        }
        guard previous == head.hash, position == head.count + 1 else { throw Self.altered(position - 1) }
        return state
    }

    /// Refuses a log whose last entry is not as it was written.
    func requireLastLink(_ database: Database) throws {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM audit ORDER BY position DESC LIMIT 2")
        guard let last = rows.first else { return }
        let previous: Data = try rows.count > 1 ? rows[1].get("hash") : Data(AuditChain.origin)
        _ = try link(last, last.get("position"), after: [UInt8](previous))
    }

    /// The link of an entry, which must be the one that follows `previous` at this place.
    private func link(_ row: Row, _ position: Int64, after previous: [UInt8]) throws -> [UInt8] {
        let (commitment, stored): (Data, Data) = try (row.get("commitment"), row.get("hash"))
        let place: Int64 = try row.get("position")
        let link = try chain.link(
            .init(
                position: place, id: row.get("id"), at: row.get("at"), action: row.get("action"),
                meetingID: row.get("meetingID"), commitment: [UInt8](commitment), previous: previous))
        guard position == place, link == [UInt8](stored) else { throw Self.altered(position) }
        return link
    }

    /// Whether somebody confirmed the clock by this entry; otherwise it was found to be set back.
    private func isSaid(byEntry position: Int64, _ database: Database) throws -> Bool {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT commitment, salt, details FROM audit JOIN auditDetails ON entryID = audit.id
                WHERE position = ?
                """, arguments: [position])
        guard let row else { throw Self.altered(position) }
        let (commitment, salt): (Data, Data) = try (row.get("commitment"), row.get("salt"))
        let details: Data = try row.get("details")
        guard AuditChain.commitment(salt: [UInt8](salt), details: [UInt8](details)) == [UInt8](commitment) else {
            throw Self.altered(position)
        }
        return try JSONDecoder().decode([String: String].self, from: details)["reason"] == nil
    }

    /// That an entry is not as it was written.
    static func altered(_ position: Int64) -> StoreError {
        StoreError(
            .rowsAltered, "entry \(position) of the audit log was changed by something else than Earmark",
            advice: .restoreBackup)
    }
}
