import EarmarkFiles
import Foundation
import GRDB

/// What becomes of the clock that is remembered beside the log's head.
enum ClockNote {
    /// It goes on with this entry's.
    case taken
    /// It stays: this entry's is not believed.
    case doubted
    /// It begins anew: somebody said that this entry's is right.
    case confirmed
}

/// One transaction's changes: what they touch is verified before, sealed anew after, and logged.
final class LogWriter {
    /// The transaction.
    let database: Database
    private let vouching: Vouching
    private let actor: AuditActor
    /// When it is made.
    var now: Timestamp { reading.now }
    private let reading: ClockReading
    /// The clock that is remembered beside the log's head.
    private let remembered: RunningClock?
    /// What its first entry says of the clock.
    private var clock = ClockNote.taken
    /// Seconds by which the clock is further than the machine ran, until an entry says so.
    private var step: Int64?
    /// Whether the clock and the running time are not as the last entry has it.
    private var isNews = false
    /// When the log's last entry was made.
    private var last: Timestamp?
    /// The log's end, which grows with each entry.
    private(set) var head: LogHead
    private var sum: RowSeals.Sum
    private var touched: [SealScope] = []
    private var known: Set<SealScope> = []

    /// Verifies the log's end before anything is added to it.
    init(
        _ database: Database, _ vouching: Vouching, noted: NotedHead?, actor: AuditActor, _ reading: ClockReading
    ) throws {
        self.database = database
        self.vouching = vouching
        self.actor = actor
        self.reading = reading
        remembered = noted?.clock
        (head, sum) = try vouching.head(database, noted: noted?.head)
        last = try Timestamp.fetchOne(database, sql: "SELECT at FROM audit ORDER BY position DESC LIMIT 1")
        isNews = noted != nil && reading.running.map { remembered?.isNews(reading.now, $0) ?? true } ?? false
    }

    /// Announces a change to the rows of a scope, which must be as they were sealed.
    func touch(_ scope: SealScope) throws {
        guard !known.contains(scope) else { return }
        try vouching.verify(scope, database)
        drop(scope)
    }

    /// Announces that the rows of a scope go, whatever is in them.
    func drop(_ scope: SealScope) {
        if known.insert(scope).inserted { touched.append(scope) }
    }

    /// Adds an entry to the log, before it one about a clock that is far ahead, or no longer.
    func append(_ event: AuditEvent) throws {
        switch event.action {
        case .clockAhead: clock = .doubted
        case .clockConfirm: if !event.isByItself { clock = .confirmed }
        default: try look()
        }
        try add(event)
    }

    /// Asks whether the clock is believed, where this entry can change the answer.
    private func look() throws {
        guard let last else { return }
        let days = vouching.clockGuardDays
        let isLong = ClockWatch(days: days).isLong(from: last, to: now)
        guard isLong || isNews else { return }
        isNews = false
        let state: Vouching.ClockState
        do {
            // Of what this transaction added already the head in the database says nothing yet.
            state = try vouching.clockState(database, days: days, head: head, known: remembered)
        } catch let error as StoreError where error.code == .rowsAltered && !isLong {
            // A log that was changed vouches for no time; all the same a hold comes into force.
            clock = .doubted
            return
        }
        step = state.step(reading)
        if state.believes(reading) {
            if state.isNoted { try add(.clockBelieved(reading, state)) }
        } else {
            clock = .doubted
            if !state.isNoted, let base = state.watch.base { try add(.clockAhead(now, of: base)) }
        }
    }

    /// The clock that is remembered from now on, made of the one that is.
    var clockNote: (RunningClock?) -> RunningClock? {
        { [clock, reading, days = vouching.clockGuardDays] known in
            switch (clock, reading.running) {
            case (.doubted, _), (.taken, nil): known
            case (.taken, let running?):
                known.map { $0.taking(reading.now, running, ClockWatch(days: days)) ?? $0 }
                    ?? RunningClock(reading.now, running)
            case (.confirmed, let running): running.map { RunningClock(reading.now, $0, isConfirmed: true) }
            }
        }
    }

    private func add(_ event: AuditEvent) throws {
        var details = event.details
        details["actor"] = actor.name
        details["host"] = actor.host
        details["meeting"] = event.meetingID?.text
        if let last, now + ClockWatch.clockTolerance < last {
            details["clockBehind"] = "\(last.seconds - now.seconds) s"
        }
        if let step { details["clockStep"] = "\(step) s" }
        (last, step) = (now, nil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = [UInt8](try encoder.encode(details))
        let salt = Identifier.randomBytes(AuditChain.byteCount)
        let fields = AuditChain.Fields(
            position: head.count + 1, id: Identifier.make(.auditEntry), at: now, action: event.action.rawValue,
            meetingID: event.meetingID, commitment: AuditChain.commitment(salt: salt, details: bytes),
            previous: head.hash)
        head = LogHead(count: fields.position, hash: vouching.chain.link(fields))
        try database.execute(
            sql: """
                INSERT INTO audit (position, id, at, action, meetingID, commitment, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                fields.position, fields.id, fields.at, fields.action, fields.meetingID, Data(fields.commitment),
                Data(head.hash),
            ])
        // Details of what concerns a meeting that is gone would outlive it.
        let isKept = try event.meetingID.map { id in
            try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM meetings WHERE id = ?)", arguments: [id])
                ?? false
        }
        guard isKept ?? true else { return }
        try database.execute(
            sql: "INSERT INTO auditDetails (entryID, meetingID, salt, details) VALUES (?, ?, ?, ?)",
            arguments: [fields.id, event.meetingID, Data(salt), Data(bytes)])
    }

    /// Seals what was touched, and the log's new end.
    func finish() throws {
        for scope in touched { sum = try vouching.reseal(scope, sum, database) }
        try vouching.store(head, sum, database)
    }
}
