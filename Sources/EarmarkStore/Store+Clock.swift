import EarmarkFiles
import Foundation
import GRDB

/// Guards against a clock that runs ahead: what it would purge is gone for good.
extension Store {
    /// Days for which the clock may be ahead of the log's last entry where nothing else was decided.
    public static let defaultClockGuardDays: Int64 = 30
    /// Allowed guards, in days: up to a century, which is none.
    public static let clockGuardRange: ClosedRange<Int64> = 1...36_500

    /// Days for which the clock may be ahead of the log's last entry before somebody must confirm it.
    public func clockGuardDays() throws(StoreError) -> Int64 {
        let days = try keyFile.read(storeID: storeID).clockGuardDays ?? Self.defaultClockGuardDays
        return min(max(days, Self.clockGuardRange.lowerBound), Self.clockGuardRange.upperBound)
    }

    /// Sets that, and logs it.
    ///
    /// - Throws: `valueInvalid` outside of `clockGuardRange`.
    public func setClockGuard(days: Int64) throws(StoreError) {
        guard Self.clockGuardRange.contains(days) else {
            throw StoreError(.valueInvalid, "the clock's guard must be 1 to 36500 days")
        }
        // First: nothing changes unlogged.
        try record(.init(.settingsChange, ["clockGuardDays": "\(days)"]))
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in keys.clockGuardDays = days }
    }

    /// Says that the clock is right, however far it is ahead; what is due is purged from then on.
    public func confirmClock() throws(StoreError) {
        let now = clock()
        try record(.init(.clockConfirm, ["clock": now.text]))
    }

    /// Refuses to go by a clock that is far ahead of the log's last entry, and logs that, until somebody confirms it.
    ///
    /// - Throws: `clockAhead`.
    func requireCredibleClock() throws(StoreError) {
        let now = clock()
        let days = try clockGuardDays()
        let (last, doubted) = try clockEntries()
        guard let base = doubted ?? last else { return }
        if now <= base.adding(days: days) {
            if doubted != nil { try record(.init(.clockConfirm, ["clock": now.text, "reason": "it was set back"])) }
            return
        }
        if doubted == nil { try record(.init(.clockAhead, ["clock": now.text, "lastEntry": base.text])) }
        let ahead = (now.seconds - base.seconds) / Timestamp.secondsPerDay
        throw StoreError(
            .clockAhead,
            "the clock says \(now.text), \(ahead) days after the log's last entry of \(base.text): if it is wrong, set "
                + "it right; nothing is purged until it is confirmed", advice: .confirmClock)
    }

    /// When the log's last entry was made, and the last one before a doubt that nobody has settled.
    private func clockEntries() throws(StoreError) -> (last: Timestamp?, doubted: Timestamp?) {
        try read { database in
            let last = try Timestamp.fetchOne(database, sql: "SELECT at FROM audit ORDER BY position DESC LIMIT 1")
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT action, details FROM audit JOIN auditDetails ON entryID = audit.id
                    WHERE action IN (?, ?) ORDER BY position DESC LIMIT 1
                    """, arguments: [AuditAction.clockAhead.rawValue, AuditAction.clockConfirm.rawValue])
            guard let row, row["action"] == AuditAction.clockAhead.rawValue else { return (last, nil) }
            let details: Data = row["details"]
            let fields = try? JSONDecoder().decode([String: String].self, from: details)
            return (last, fields?["lastEntry"].flatMap { Timestamp($0) })
        }
    }

    // MARK: Enrolling

    /// Refuses a meeting that would be due as soon as it is enrolled, unless it is held.
    func requireLasting(
        _ draft: MeetingDraft, in organisationID: OrganisationID, now: Timestamp
    ) throws(StoreError) {
        guard draft.holdReason == nil else { return }
        let days = try read(verifying: [.store]) {
            try Int64.fetchOne(
                $0, sql: "SELECT retentionDays FROM organisations WHERE id = ?", arguments: [organisationID])
        }
        // An unknown organisation is refused for want of its key.
        guard let days else { return }
        let end = (draft.startsAt + draft.durationSeconds).adding(days: days)
        guard now >= end else { return }
        throw StoreError(
            .meetingExpired,
            "the meeting '\(draft.title)' would be purged at once: its retention of \(days) days ran out at "
                + end.text, advice: .holdMeeting)
    }
}
