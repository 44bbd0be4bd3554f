import EarmarkAnalysis
import EarmarkAnswer
package import EarmarkFiles
import EarmarkOutput
package import EarmarkStore
import Foundation

/// A stored analysis with what its answer says, for lists: nobody is named in it who is not identified.
package struct AnalysisListing: Encodable, Sendable {
    /// A client who is identified.
    package struct Person: Encodable, Sendable {
        package let client: String
        package let participant: String
        package let email: String
        package let device: String
    }

    /// What is stored beside the answer.
    package let summary: AnalysisSummary
    /// The meeting's title as the answer has it, else as the store does; nil if neither knows one.
    package let meetingTitle: String?
    /// Who is identified, the strongest evidence first.
    package let identified: [Person]
    /// log10 of the bound on the chance that somebody innocent is named, of the strongest; nil if nobody is.
    package let log10FalseAccusation: Double?

    private enum CodingKeys: String, CodingKey {
        case meetingTitle, identified, log10FalseAccusation
    }

    /// Reads what lists show.
    ///
    /// - Parameters:
    ///   - record: the analysis.
    ///   - titles: titles of stored meetings, by identifier.
    ///   - revoked: when bundles were revoked.
    /// - Throws: `ServiceError`.
    package init(
        _ record: AnalysisRecord, titles: [MeetingID: String], revoked: [BundleID: Timestamp]
    ) throws(ServiceError) {
        // An answer of another version, whose fields differ, names nobody here; 'analysis show' has it.
        let answer = record.answer
        summary = try AnalysisSummary(record, answer: answer, revoked: revoked, withReport: false)
        meetingTitle = answer?.meeting?.title ?? titles[MeetingID(record.content.meetingReference)]
        let named = answer?.sources.filter { $0.verdict == .identified } ?? []
        identified = named.map {
            Person(client: $0.client.text, participant: $0.participant, email: $0.email, device: $0.device)
        }
        log10FalseAccusation = named.map(\.log10FalseAccusation).min()
    }

    /// Writes the fields of the summary and its own.
    package func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(meetingTitle, forKey: .meetingTitle)
        try container.encode(identified, forKey: .identified)
        try container.encodeIfPresent(log10FalseAccusation, forKey: .log10FalseAccusation)
    }

    /// Who is identified, in a cell.
    package var who: String {
        identified.map { "\($0.participant) <\($0.email)>" }.joined(separator: ", ")
    }

    /// Whether one who is identified is called like this, in whatever case.
    package func names(_ text: String) -> Bool {
        let wanted = text.lowercased()
        return identified.contains { person in
            [person.participant, person.email, person.device].contains { $0.lowercased().contains(wanted) }
        }
    }

    /// The lists as comma-separated values with a header, lines ending in CRLF (RFC 4180).
    package static func csv(_ listings: [AnalysisListing]) -> String {
        csvHeader + listings.map(\.csvRow).joined()
    }

    private static let csvTitles = [
        "id", "date", "meeting", "file", "sha256", "bytes", "verdict", "refusalCode", "refusalMessage", "name",
        "note", "toolVersion", "meetingTitle", "who", "log10FalseAccusation", "condition", "bundle", "bundleRevoked",
    ]

    /// The columns' titles, with their line end.
    package static var csvHeader: String { CSVText.rows([csvTitles]) }

    /// A line of that.
    package var csvRow: String {
        let cells: [String] = [
            summary.id, summary.date, summary.meeting, summary.file, summary.sha256 ?? "",
            summary.bytes.map { String($0) } ?? "", summary.verdict ?? "", summary.refusal?.code ?? "",
            summary.refusal?.message ?? "", summary.name, summary.note, summary.toolVersion,
            meetingTitle ?? "", who, log10FalseAccusation.map { "\($0)" } ?? "",
            summary.condition ?? "", summary.bundle ?? "", summary.bundleRevoked ?? "",
        ]
        return CSVText.rows([cells], numbers: [Self.csvTitles.count - 4])
    }
}

extension Store {
    /// Titles of stored meetings.
    func meetingTitles() throws(StoreError) -> [MeetingID: String] {
        var titles: [MeetingID: String] = [:]
        for organisation in try organisations() {
            for meeting in try meetings(in: organisation.id) { titles[meeting.id] = meeting.title }
        }
        return titles
    }

    /// What lists show of these analyses; that they name people is logged, unless whoever asks logs more than that.
    package func listings(_ records: [AnalysisRecord], isLogged: Bool = false) throws -> [AnalysisListing] {
        let titles = try meetingTitles()
        let revoked = try revocations()
        let listings = try records.map { try AnalysisListing($0, titles: titles, revoked: revoked) }
        if !isLogged, listings.contains(where: { !$0.identified.isEmpty }) { try noteView(of: "analyses") }
        return listings
    }

    /// Where analyses are of the file with a digest, or of the file at a path, latest first.
    ///
    /// - Parameters:
    ///   - reference: 64 hexadecimal digits in whatever case, or else a path.
    /// - Returns: the digest, and the places.
    /// - Throws: `StoreError`; an error of reading the file.
    package func analysisPlaces(ofContent reference: String) throws -> (sha256: String, places: [Int64]) {
        let folded = reference.trimmingCharacters(in: .whitespaces).lowercased()
        let isDigest = folded.utf8.count == 64 && folded.allSatisfy(\.isHexDigit)
        let sha256 = isDigest ? folded : try FileDigest.sha256(path: reference)
        return (sha256, try analysisPlaces(sha256: sha256))
    }
}
