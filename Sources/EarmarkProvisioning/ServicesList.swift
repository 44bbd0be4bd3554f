package import Foundation

/// What a device prints for `Services Show`: the certificates that it has stored.
public struct ServicesList: Equatable, Sendable {
    /// A stored certificate as the device describes it.
    public struct Entry: Equatable, Sendable {
        /// The name by which it is activated.
        public let fingerprint: CertificateFingerprint
        /// All rows of the entry, `Fingerprint` among them.
        public let fields: [String: String]

        /// The subject, `/CN=…`.
        public var subject: String? { fields["SubjectName"] }
        /// Who issued it, as the device writes names.
        public var issuer: String? { fields["IssuerName"] }
        /// What it is in use for.
        public var purposes: [String] {
            (fields["UsedFor"] ?? "").split { $0 == "," || $0 == " " || $0 == "/" }.map(String.init)
        }
    }

    /// The certificates in the device's order.
    public let entries: [Entry]

    /// Entries and rows beyond this number are refused: devices hold a handful.
    static let maximumRowCount = 10_000
    private static let fingerprintField = "Fingerprint"
    private static let algorithmField = "HashingAlgorithm"

    /// Reads terminal output (`Details 1 Fingerprint: "…"`) or XML (`ServicesShowResult`).
    ///
    /// - Throws: `badServicesList`, or `badFingerprint` where an entry's fingerprint is no SHA-1.
    public init(_ bytes: [UInt8]) throws(ProvisioningError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServicesList.unreadable("it is not UTF-8")
        }
        let isXML = text.first { !$0.isWhitespace && $0 != "\u{FEFF}" } == "<"
        let rows = try isXML ? ServicesXML.rows(text) : ServicesList.terminalRows(text)
        var order: [String] = []
        var fields: [String: [String: String]] = [:]
        for row in rows {
            if fields[row.item] == nil { order.append(row.item) }
            // Two values for one name would let the reader choose; a device prints each once.
            guard fields[row.item, default: [:]].updateValue(row.value, forKey: row.name) == nil else {
                throw ServicesList.unreadable("entry \(row.item) gives '\(DisplayText.escaped(row.name))' twice")
            }
        }
        var entries: [Entry] = []
        for item in order {
            let fields = fields[item, default: [:]]
            guard let text = fields[ServicesList.fingerprintField] else {
                throw ServicesList.unreadable("entry \(item) has no \(ServicesList.fingerprintField)")
            }
            guard FingerprintText(text).digits.count != 2 * CertificateFingerprint.sha256ByteCount else {
                throw ProvisioningError(
                    .badFingerprint,
                    "the device printed a SHA-256 for entry \(item); its orders want the SHA-1, which it prints for "
                        + "'xCommand Security Certificates Services Show' without more")
            }
            entries.append(Entry(fingerprint: try CertificateFingerprint(text), fields: fields))
        }
        self.entries = entries
    }

    /// The entry with `fingerprint`, or the only one if that is nil.
    ///
    /// - Throws: `badServicesList` if there is none.
    public func entry(_ fingerprint: CertificateFingerprint?) throws(ProvisioningError) -> Entry {
        if let fingerprint {
            guard let entry = entries.first(where: { $0.fingerprint == fingerprint }) else {
                throw ProvisioningError(
                    .badServicesList, "the device has stored no certificate with the fingerprint \(fingerprint)")
            }
            return entry
        }
        let entries = self.entries.filter { !isIssuer($0) }
        guard let entry = entries.first, entries.count == 1 else {
            throw ProvisioningError(
                .badServicesList,
                "the device has stored \(entries.count) certificates; say which is meant by its fingerprint or file")
        }
        return entry
    }

    /// The fingerprint in `text`, compared with what else the list holds.
    ///
    /// - Throws: `badFingerprint` that says so if it is a serial number or an authority's.
    package func fingerprint(_ text: String) throws(ProvisioningError) -> CertificateFingerprint {
        let digits = FingerprintText(text).digits.drop { $0 == "0" }
        for entry in entries {
            let serial = FingerprintText(entry.fields["SerialNumber"] ?? "").digits.drop { $0 == "0" }
            guard !serial.isEmpty, serial == digits else { continue }
            throw ProvisioningError(
                .badFingerprint,
                "this is the serial number of '\(DisplayText.escaped(entry.subject ?? ""))', whose SHA-1 is "
                    + entry.fingerprint.text)
        }
        return try CertificateFingerprint(text)
    }

    /// Whether the entry is the certificate of an authority that issued another one of the list.
    package func isIssuer(_ entry: Entry) -> Bool {
        guard let subject = entry.subject else { return false }
        return entries.contains { $0 != entry && $0.issuer == subject }
    }

    /// Refuses to activate what the list says is of no use.
    package func requireUsable(_ entry: Entry, at date: Date) throws(ProvisioningError) {
        let name = DisplayText.escaped(entry.subject ?? entry.fingerprint.text)
        if isIssuer(entry) {
            throw ProvisioningError(
                .badFingerprint,
                "this is the fingerprint of '\(name)', an authority that issued another certificate there")
        }
        if let end = entry.fields["notAfter"].flatMap(DeviceTime.date), date > end {
            throw ProvisioningError(.expired, "the certificate '\(name)' ended on \(end.formatted(.iso8601))")
        }
        if let begin = entry.fields["notBefore"].flatMap(DeviceTime.date), date < begin {
            throw ProvisioningError(
                .notYetValid, "the certificate '\(name)' begins on \(begin.formatted(.iso8601)) only")
        }
    }

    /// A field of an entry.
    struct Row {
        let item: String
        let name: String
        let value: String
    }

    /// Rows that read `Details ITEM NAME: VALUE`, whatever stands before `Details` and in other lines.
    private static func terminalRows(_ text: String) throws(ProvisioningError) -> [Row] {
        var rows: [Row] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let start = words.firstIndex(of: "Details"), words.count > start + 2,
                words[start + 1].allSatisfy({ $0.isASCII && $0.isNumber }), words[start + 2].hasSuffix(":")
            else { continue }
            let name = words[start + 2].dropLast()
            guard rows.count < maximumRowCount else { throw unreadable("it is too long") }
            let value = line[words[start + 2].endIndex...]
            rows.append(Row(item: String(words[start + 1]), name: String(name), value: unquoted(value)))
        }
        if rows.isEmpty, let status = text.range(of: "ServicesShowResult (status=") {
            let word = text[status.upperBound...].prefix { $0.isLetter }
            guard word.lowercased() == "ok" else {
                throw unreadable("the device reports the status '\(DisplayText.escaped(String(word)))'")
            }
        }
        // A list without entries says so; other text may be the wrong file.
        guard !rows.isEmpty || text.contains("ServicesShowResult") else {
            throw unreadable("it has no line 'Details 1 Fingerprint: …'")
        }
        return rows
    }

    private static func unquoted(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last?.isWhitespace == true { text.removeLast() }
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        return String(text.dropFirst().dropLast())
    }

    static func unreadable(_ why: String) -> ProvisioningError {
        ProvisioningError(.badServicesList, "this is not what 'Services Show' prints: \(why)")
    }
}
