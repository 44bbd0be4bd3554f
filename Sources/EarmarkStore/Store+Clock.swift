public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

/// Guards against a clock that runs ahead: what it would purge is gone for good. `ClockWatch` says what is believed.
extension Store {
    /// Tells the time.
    public typealias Clock = @Sendable () -> Timestamp

    /// The system's clock.
    public static let systemClock: Clock = { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }

    /// Days for which the clock may be ahead of the log's last entry where nothing else was decided.
    public static let defaultClockGuardDays: Int64 = 30
    /// Allowed guards, in days: up to a century, which is none.
    public static let clockGuardRange: ClosedRange<Int64> = 1...36_500

    /// Days for which the clock may be ahead of the log's last entry before somebody must confirm it.
    public func clockGuardDays() throws(StoreError) -> Int64 {
        try keyFile.read(storeID: storeID).clockGuard
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
        vouchingCache.withLock { $0?.clockGuardDays = days }
    }

    /// Says that the clock is right, however far it is ahead; what is due is purged from then on.
    ///
    /// - Throws: `valueInvalid` while the clock is believed anyway: a confirmation in advance would be worth nothing.
    public func confirmClock() throws(StoreError) {
        let reading = reading()
        let now = reading.now
        var details = ["clock": now.text]
        do throws(StoreError) {
            guard try !clockState().believes(reading) else {
                throw StoreError(
                    .valueInvalid, "the clock says \(now.text), which is not in doubt: there is nothing to confirm")
            }
        } catch  where error.code == .rowsAltered {
            // A log that was changed vouches for no time; without this way on nothing would ever be purged again.
            details["doubt"] = error.message
        }
        try record(.init(.clockConfirm, details))
    }

    /// Refuses to go by a clock that is far ahead of what the log vouches for, and logs that, until somebody confirms
    /// it.
    ///
    /// - Throws: `clockAhead`; `rowsAltered` if the log's times are not as they were written.
    func requireCredibleClock() throws(StoreError) {
        let reading = reading()
        let now = reading.now
        let state = try clockState()
        guard let base = state.watch.base else { return }
        if state.believes(reading) {
            if state.isNoted { try record(.clockBelieved(reading, state)) }
            return
        }
        if !state.isNoted { try record(.clockAhead(now, of: base, step: state.step(reading))) }
        let ahead =
            if let spent = state.spent(reading), state.watch.believes(now) {
                "in steps of \(spent / Timestamp.secondsPerDay) days for which this machine did not run"
            } else {
                "\((now.seconds - base.seconds) / Timestamp.secondsPerDay) days after the log's last entry that can be "
                    + "believed, of \(base.text)"
            }
        throw StoreError(
            .clockAhead,
            "the clock says \(now.text), \(ahead), and such steps add up: if it is wrong, set it right; nothing is "
                + "purged until it is confirmed", advice: .confirmClock)
    }

    /// The clock, and the machine's running time.
    func reading() -> ClockReading { ClockReading(now: clock(), running: running()) }

    /// What the log says of the clock, every entry verified.
    func clockState() throws(StoreError) -> Vouching.ClockState {
        let (vouching, days) = (try vouching(), try clockGuardDays())
        let noted = try vouching.noted()
        return try read { database in
            let (head, _) = try vouching.head(database, noted: noted?.head)
            return try vouching.clockState(database, days: days, head: head, known: noted?.clock)
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
            "the meeting '\(draft.title)' would be purged at once: its retention of "
                + "\(Counted.text(days, "day")) ran out at \(end.text)", advice: .holdMeeting)
    }
}

extension AuditEvent {
    /// The clock is too far ahead of what is believed to purge by it.
    static func clockAhead(_ now: Timestamp, of base: Timestamp, step: Int64? = nil) -> AuditEvent {
        var details = ["clock": now.text, "lastEntry": base.text]
        if let step { details["clockStep"] = "\(step) s" }
        return AuditEvent(.clockAhead, details)
    }

    /// It no longer is.
    static func clockBelieved(_ reading: ClockReading, _ state: Vouching.ClockState) -> AuditEvent {
        let reason = state.step(reading) == nil ? "it was set back" : "the machine ran for so long since"
        return AuditEvent(.clockConfirm, ["clock": reading.now.text, "reason": reason])
    }

    /// Whether nobody said so: the clock's confirmation by itself.
    var isByItself: Bool { details["reason"] != nil }
}
