import EarmarkAnswer
public import EarmarkFiles
import Foundation
import GRDB

extension Store {
    /// Stores an analysis or a refusal.
    ///
    /// - Throws: `valueInvalid` if a part breaks its rule; `meetingExpired` if its meeting is not in the store.
    public func saveAnalysis(_ draft: AnalysisDraft) throws(StoreError) -> AnalysisRecord {
        try draft.validate()
        let id = AnalysisID(Identifier.make(.analysis))
        let now = clock()
        let meetingID = MeetingID(draft.meetingReference)
        let isStored = try contains("meetings", id: meetingID.text)
        let details = ["analysis": id.text, "sha256": draft.sha256 ?? "", "file": draft.fileName]
        let event = AuditEvent(.analyse, meeting: isStored ? meetingID : nil, details)
        return try write(event, changing: [.analysis(id)]) { database in
            let stored = try MeetingID.fetchOne(
                database, sql: "SELECT id FROM meetings WHERE id = ?", arguments: [meetingID])
            // Purged or, where an older backup was restored, not there any more: the answer would outlive its meeting.
            if stored == nil, meetingID.text.hasPrefix(Identifier.Kind.meeting.rawValue + "_") {
                throw StoreError(
                    .meetingExpired,
                    "meeting '\(meetingID)' was purged meanwhile, or is not in the store any more: the answer is not "
                        + "kept")
            }
            try Self.insert(draft, id: id, meetingID: stored, now: now, database)
            return try Self.analysis(id, database)
        }
    }

    /// Logs that a file was analysed whose answer is not kept.
    ///
    /// - Throws: an error of the key file.
    public func noteUnstored(_ draft: AnalysisDraft) throws(StoreError) {
        let meetingID = MeetingID(draft.meetingReference)
        let isStored = try contains("meetings", id: meetingID.text)
        try record(
            .init(
                .analyseUnstored, meeting: isStored ? meetingID : nil,
                ["sha256": draft.sha256 ?? "", "file": draft.fileName]))
    }

    /// Stored analyses, latest first.
    ///
    /// - Parameters:
    ///   - meetingID: if given, only those of this meeting.
    ///   - organisationID: if given, only those of this organisation.
    ///   - sha256: if given, only those of a file with this digest.
    public func analyses(
        ofMeeting meetingID: MeetingID? = nil, in organisationID: OrganisationID? = nil, sha256: String? = nil
    ) throws(StoreError) -> [AnalysisRecord] {
        try analyses(ofMeeting: meetingID, in: organisationID, sha256: sha256, isWhole: true)
    }

    /// Refuses a store in which rows were taken out, or older ones put back.
    ///
    /// - Throws: `rowsAltered`.
    package func requireWhole() throws(StoreError) { try read(verifying: [], isWhole: true) { _ in } }

    /// The same; without `isWhole` each must be as it was sealed, and that none was taken out is the caller's to know
    /// by `requireWhole`, which takes time with the store.
    package func analyses(
        ofMeeting meetingID: MeetingID? = nil, in organisationID: OrganisationID? = nil, sha256: String? = nil,
        isWhole: Bool
    ) throws(StoreError) -> [AnalysisRecord] {
        try read(isWhole: isWhole) { database, vouching in
            let records = try Self.analyses(ofMeeting: meetingID, in: organisationID, sha256: sha256, database)
            if let vouching { for record in records { try vouching.verify(.analysis(record.id), database) } }
            return records
        }
    }

    /// Where stored analyses are, latest first; each verified, and none of them read.
    ///
    /// Parameters and errors as of `analyses`.
    package func analysisPlaces(
        ofMeeting meetingID: MeetingID? = nil, in organisationID: OrganisationID? = nil, sha256: String? = nil
    ) throws(StoreError) -> [Int64] {
        try read(isWhole: true) { database, vouching in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT position, id FROM analyses
                    WHERE (?1 IS NULL OR meetingID = ?1) AND (?2 IS NULL OR organisationID = ?2)
                        AND (?3 IS NULL OR sha256 = ?3)
                    ORDER BY createdAt DESC, position DESC
                    """, arguments: [meetingID, organisationID, sha256])
            var places: [Int64] = []
            while let row = try rows.next() {
                let id: AnalysisID = try row.get("id")
                if let vouching { try vouching.verify(.analysis(id), database) }
                places.append(try row.get("position"))
            }
            return places
        }
    }

    /// The analyses at these places, latest first; those that were deleted meanwhile are left out.
    package func analyses(at places: some Collection<Int64>) throws(StoreError) -> [AnalysisRecord] {
        try read { database, vouching in
            let marks = databaseQuestionMarks(count: places.count)
            let records = try Self.analyses(
                database, where: "position IN (\(marks)) ORDER BY createdAt DESC, position DESC",
                StatementArguments(places))
            if let vouching { for record in records { try vouching.verify(.analysis(record.id), database) } }
            return records
        }
    }

    private static func analyses(
        ofMeeting meetingID: MeetingID?, in organisationID: OrganisationID?, sha256: String?, _ database: Database
    ) throws -> [AnalysisRecord] {
        if let sha256 {
            // By itself, so that SQLite uses its index.
            return try analyses(database, where: "sha256 = ?1 ORDER BY createdAt DESC, position DESC", [sha256])
                .filter { record in
                    (meetingID == nil || record.meetingID == meetingID)
                        && (organisationID == nil || record.content.organisationID == organisationID)
                }
        }
        return try analyses(
            database,
            where: """
                (?1 IS NULL OR meetingID = ?1) AND (?2 IS NULL OR organisationID = ?2)
                ORDER BY createdAt DESC, position DESC
                """, [meetingID, organisationID])
    }

    /// The analysis with this identifier.
    ///
    /// - Throws: `unknownAnalysis`.
    public func analysis(_ id: AnalysisID) throws(StoreError) -> AnalysisRecord {
        try read(verifying: [.analysis(id)], isWhole: true) { try Self.analysis(id, $0) }
    }

    /// Replaces the note of an analysis.
    ///
    /// - Throws: `unknownAnalysis`, `held`, or `valueInvalid` for an unfit note.
    public func setNote(_ note: String, ofAnalysis id: AnalysisID) throws(StoreError) -> AnalysisRecord {
        if let problem = FieldRules.problem(withNote: note) {
            throw StoreError(.valueInvalid, "the note \(problem)")
        }
        let note = AnalysisDraft.words(note)
        let event = AuditEvent(.analysisNote, meeting: try analysis(id).meetingID, ["analysis": id.text])
        return try write(event, changing: [.analysis(id), .store]) { database in
            // The words that it had would be gone for good.
            try Self.requireNoHold(on: Self.analysis(id, database), database)
            try database.execute(sql: "UPDATE analyses SET note = ? WHERE id = ?", arguments: [note, id])
            return try Self.analysis(id, database)
        }
    }

    /// Deletes an analysis; its bytes are overwritten in the database.
    ///
    /// - Throws: `unknownAnalysis`.
    public func deleteAnalysis(_ id: AnalysisID) throws(StoreError) {
        let event = AuditEvent(.analysisDelete, meeting: try analysis(id).meetingID, ["analysis": id.text])
        try write(event, changing: [.analysis(id), .store]) { database in
            try Self.requireNoHold(on: Self.analysis(id, database), database)
            try database.execute(sql: "DELETE FROM analyses WHERE id = ?", arguments: [id])
            guard database.changesCount == 1 else { throw Self.unknownAnalysis(id) }
        }
    }

    /// Refuses what would change an analysis that a hold keeps, its own or its meeting's.
    static func requireNoHold(on analysis: AnalysisRecord, _ database: Database) throws {
        let holds = try holds(database)
        for subject in [analysis.id.text, analysis.content.meetingReference] where holds[subject] != nil {
            throw StoreError(
                .held, "'\(subject)' is on legal hold: analysis '\(analysis.id)' stays as it is", advice: .listHolds)
        }
    }

    // MARK: Rows

    private static func unknownAnalysis(_ id: AnalysisID) -> StoreError {
        StoreError(.unknownAnalysis, "no analysis has the identifier '\(id)'", advice: .listAnalyses)
    }

    static func insert(
        _ draft: AnalysisDraft, id: AnalysisID, meetingID: MeetingID?, now: Timestamp, _ database: Database
    ) throws {
        var verdict: String?
        var refusal: (code: String, message: String)?
        switch draft.outcome {
        case .verdict(let value): verdict = value.rawValue
        case .refusal(let code, let message): refusal = (code, message)
        }
        try database.execute(
            sql: """
                INSERT INTO analyses (id, organisationID, meetingID, meetingReference, fileName, sha256, byteCount,
                    verdict, refusalCode, refusalMessage, name, note, createdAt, toolVersion, report, evidence)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, draft.organisationID, meetingID, draft.meetingReference, draft.fileName, draft.sha256,
                draft.byteCount, verdict, refusal?.code, refusal?.message, draft.name, draft.note, now,
                draft.toolVersion, draft.report.map { Data($0) }, draft.evidence.map { Data($0) },
            ])
    }

    private static func analysis(_ id: AnalysisID, _ database: Database) throws -> AnalysisRecord {
        guard let analysis = try analysisIfThere(id, database) else { throw unknownAnalysis(id) }
        return analysis
    }

    static func analysisIfThere(_ id: AnalysisID, _ database: Database) throws -> AnalysisRecord? {
        try analyses(database, where: "id = ?1", [id]).first
    }

    private static func analyses(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [AnalysisRecord] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM analyses WHERE \(condition)", arguments: arguments)
        return try rows.map { try AnalysisRecord(row: $0) }
    }
}

extension AnalysisRecord {
    fileprivate init(row: Row) throws(StoreError) {
        id = try row.get("id")
        meetingID = try row.get("meetingID")
        createdAt = try row.get("createdAt")
        let outcome: AnalysisOutcome
        if let name: String = try row.get("verdict") {
            guard let verdict = Verdict(rawValue: name) else {
                throw StoreError(.storeInvalid, "analysis '\(id)' has an unknown verdict; update Earmark")
            }
            outcome = .verdict(verdict)
        } else {
            outcome = try .refusal(code: row.get("refusalCode"), message: row.get("refusalMessage"))
        }
        let report: Data? = try row.get("report")
        let evidence: Data? = try row.get("evidence")
        content = try AnalysisDraft(
            organisationID: row.get("organisationID"), meetingReference: row.get("meetingReference"),
            fileName: row.get("fileName"), sha256: row.get("sha256"), byteCount: row.get("byteCount"),
            outcome: outcome, name: row.get("name"), note: row.get("note"), toolVersion: row.get("toolVersion"),
            report: report.map { [UInt8]($0) },
            evidence: evidence.map { [UInt8]($0) })
    }
}

extension AnalysisDraft {
    /// A name or note as it is kept, none where readers would see nothing of it.
    ///
    /// What is unfit stays, to be refused.
    package static func words(_ text: String) -> String {
        FieldRules.isBlank(text) && FieldRules.problem(withNote: text) == nil ? "" : text
    }

    /// Why an analysis cannot be called this; nil if it can.
    package static func problem(withName name: String, note: String) -> String? {
        if let problem = FieldRules.problem(withNote: note) { return "note \(problem)" }
        return name.isEmpty ? nil : FieldRules.problem(withName: name).map { "name \($0)" }
    }

    func validate() throws(StoreError) {
        func require(_ isFit: Bool, _ text: String) throws(StoreError) {
            if !isFit { throw StoreError(.valueInvalid, "the analysis's \(text)") }
        }
        if let problem = Self.problem(withName: name, note: note) { try require(false, problem) }
        try require(sha256.map(Self.isSHA256) ?? true, "SHA-256 is not 64 lower-case hexadecimal digits")
        try require((byteCount ?? 0) >= 0, "size is negative")
        switch outcome {
        case .verdict:
            try require(sha256 != nil && byteCount != nil, "file lacks its SHA-256 or size")
            try require(report.map(Self.isJSONObject) ?? false, "report is not a JSON object")
            try require(evidence.map(Self.isJSONObject) ?? true, "evidence is not a JSON object")
        case .refusal(let code, let message):
            try require(!code.isEmpty && !message.isEmpty, "refusal lacks its code or message")
            try require(report == nil, "refusal has a report")
            let origin = evidence.map { try? JSONDecoder().decode(RefusalOrigin.self, from: Data($0)) }
            try require(origin.map { $0 != nil } ?? true, "refusal has evidence")
        }
    }

    private static func isSHA256(_ text: String) -> Bool {
        let digits = Set("0123456789abcdef".utf8)
        return text.utf8.count == 64 && text.utf8.allSatisfy(digits.contains)
    }

    private static func isJSONObject(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
    }
}
