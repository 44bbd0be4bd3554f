public import EarmarkFiles
import Foundation
import GRDB

extension Store {
    // MARK: Legal holds

    /// Keeps a meeting or an analysis from being purged.
    ///
    /// While a meeting is held it can be analysed, whatever its age.
    /// - Parameters:
    ///   - subject: identifier of the meeting or analysis.
    ///   - reason: why, for those who come later.
    /// - Throws: `unknownMeeting`, `unknownAnalysis`, `valueInvalid`, or `duplicate` if it is held already.
    public func hold(_ subject: String, reason: String) throws(StoreError) -> LegalHold {
        try Self.validate(holdReason: reason)
        let now = clock()
        let isAnalysis = subject.hasPrefix(Identifier.Kind.analysis.rawValue + "_")
        let meetingID = isAnalysis ? try analysis(AnalysisID(subject)).meetingID : try meeting(MeetingID(subject)).id
        let event = AuditEvent(.hold, meeting: meetingID, ["subject": subject, "reason": reason])
        return try write(event, changing: [.store]) { database in
            guard try Self.holds(database)[subject] == nil else {
                throw StoreError(.duplicate, "'\(subject)' is on legal hold already")
            }
            try Self.requireThere(subject, isAnalysis: isAnalysis, database)
            try database.execute(
                sql: "INSERT INTO holds (subject, reason, heldAt) VALUES (?, ?, ?)", arguments: [subject, reason, now])
            return LegalHold(subject: subject, reason: reason, heldAt: now)
        }
    }

    /// Refuses to hold what went meanwhile, or is about to go: a purge that was begun is not called off.
    private static func requireThere(_ subject: String, isAnalysis: Bool, _ database: Database) throws {
        if isAnalysis {
            guard try database.has("analyses", subject) else {
                throw StoreError(.unknownAnalysis, "analysis '\(subject)' was deleted meanwhile", advice: .listAnalyses)
            }
            return
        }
        let isGoing = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM purges WHERE meetingID = ?)", arguments: [subject])
        guard isGoing == false, try database.has("meetings", subject) else {
            throw StoreError(
                .meetingExpired, "meeting '\(subject)' is being purged, or was: no hold can keep it any more")
        }
    }

    /// Ends a legal hold; what is due is purged from then on.
    ///
    /// - Throws: `valueInvalid` if it is not held.
    public func release(_ subject: String) throws(StoreError) {
        try write(.init(.release, ["subject": subject]), changing: [.store]) { database in
            try database.execute(sql: "DELETE FROM holds WHERE subject = ?", arguments: [subject])
            guard database.changesCount == 1 else {
                throw StoreError(.valueInvalid, "'\(subject)' is not on legal hold", advice: .listHolds)
            }
        }
    }

    /// All legal holds, oldest first.
    public func holds() throws(StoreError) -> [LegalHold] {
        try read(verifying: [.store]) { database in
            try Self.holds(database).values.sorted { ($0.heldAt, $0.subject) < ($1.heldAt, $1.subject) }
        }
    }

    /// Whether a hold keeps an analysis, its own or its meeting's.
    public func isHeld(_ analysis: AnalysisRecord) throws(StoreError) -> Bool {
        try holds().contains { [analysis.id.text, analysis.content.meetingReference].contains($0.subject) }
    }

    static func holds(_ database: Database) throws -> [String: LegalHold] {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM holds")
        return rows.reduce(into: [:]) { holds, row in
            let hold = LegalHold(subject: row["subject"], reason: row["reason"], heldAt: row["heldAt"])
            holds[hold.subject] = hold
        }
    }

    static func validate(holdReason reason: String) throws(StoreError) {
        let problem =
            FieldRules.isBlank(reason) ? "is empty" : FieldRules.problem(withNote: reason)
        if let problem { throw StoreError(.valueInvalid, "the reason for the hold \(problem)") }
    }

    // MARK: Status

    /// What is due, held and coming up in an organisation.
    public func retentionStatus(of organisationID: OrganisationID) throws(StoreError) -> RetentionStatus {
        let organisation = try organisation(organisationID)
        let now = clock()
        let meetings = try meetings(in: organisation.id)
        let expired = meetings.filter { now >= $0.expiresAt }
        return RetentionStatus(
            organisation: organisation, meetingCount: meetings.count, due: expired.filter { !$0.isHeld },
            held: expired.filter(\.isHeld), nextExpiry: meetings.map(\.expiresAt).filter { $0 > now }.min())
    }

    /// Meetings that would be due at once if the retention were `days`.
    public func meetingsDue(
        in organisationID: OrganisationID, ifRetentionWere days: Int64
    ) throws(StoreError) -> [Meeting] {
        let now = clock()
        return try meetings(in: organisationID).filter {
            !$0.isHeld && now >= $0.endsAt.adding(days: days)
        }
    }
}
