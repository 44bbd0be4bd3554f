import EarmarkFiles
import Foundation

/// What somebody copied from a device: its answers to `Services Show` and `xStatus`, with whatever stands around them.
package struct DeviceReport: Sendable {
    /// What it has stored, of the last list in the text; nil if there is none.
    package let list: ServicesList?
    /// Whether it says which certificate is in use.
    package let tellsActive: Bool
    /// The digits of the certificate that is in use for encrypted meetings, SHA-1 or SHA-256; nil if none is.
    package let active: String?

    private static let listStart = "ServicesShowResult (status="
    private static let listEnd = "** end"
    private static let documentStart = "<ServicesShowResult"
    private static let documentEnd = "</ServicesShowResult>"
    private static let purpose = DevicePurpose.webexIdentity.rawValue.lowercased()

    /// Longest output of a device, in bytes.
    private static let maximumByteCount = 1 << 20

    /// Reads the file at `path`, `-` being standard input.
    package init(path: String) throws {
        let text = try ByteInput.read(path, maximumByteCount: DeviceReport.maximumByteCount)
        try self.init(text.withUnsafeBytes { Array($0) })
    }

    /// The last list in what somebody copied.
    ///
    /// - Throws: `badServicesList` if there is none, or what is wrong with it.
    package static func list(_ bytes: [UInt8]) throws(ProvisioningError) -> ServicesList {
        guard let list = try DeviceReport(bytes).list else { throw ServicesList.unreadable("it is a status only") }
        return list
    }

    /// - Throws: `badServicesList` if neither a list nor a status is there, or what is wrong with the list.
    package init(_ bytes: [UInt8]) throws(ProvisioningError) {
        guard let text = PastedText.plain(bytes) else { throw ServicesList.unreadable("it is not UTF-8") }
        let status = DeviceReport.status(text)
        if let last = DeviceReport.lastList(text) {
            list = try ServicesList(Array(last.utf8))
        } else if status.isEmpty || text.contains("Details 1 ") {
            list = try ServicesList(Array(text.utf8))
        } else {
            list = nil
        }
        let fingerprint = status["externalidentity certificatechain certificate 1 fingerprint"]
        switch (status["externalidentity verification"]?.lowercased(), fingerprint) {
        case ("on"?, let text?), ("true"?, let text?):
            tellsActive = true
            active = try DeviceReport.digits(text)
        case ("off"?, _), ("false"?, _):
            tellsActive = true
            active = nil
        default:
            // What other values mean is not known; the list may say it.
            tellsActive = list?.entries.contains { $0.fields["UsedFor"] != nil } ?? false
            active =
                list?.entries.first { $0.purposes.contains { $0.lowercased() == DeviceReport.purpose } }?
                .fingerprint.text
        }
    }

    /// The digits of a fingerprint, which devices may make with SHA-256, too.
    private static func digits(_ text: String) throws(ProvisioningError) -> String {
        let digits = FingerprintText(text).digits
        if Hexadecimal.bytes(Array(digits.utf8))?.count == CertificateFingerprint.sha256ByteCount { return digits }
        return try CertificateFingerprint(text).text
    }

    /// The last list of the text, as the terminal or XML has it: people paste what they saw before and after.
    private static func lastList(_ text: String) -> Substring? {
        let ends = [(listStart, listEnd, false), (documentStart, documentEnd, true)]
        let found = ends.compactMap { start, end, isWhole -> Substring? in
            guard let start = text.range(of: start, options: .backwards) else { return nil }
            let rest = text[start.lowerBound...]
            return rest.range(of: end).map { rest[..<(isWhole ? $0.upperBound : $0.lowerBound)] } ?? rest
        }
        return found.max { $0.startIndex < $1.startIndex }
    }

    /// Rows of `xStatus Conference EndToEndEncryption` by their names in small letters; of several the last.
    private static func status(_ text: String) -> [String: String] {
        var rows: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let start = line.range(of: "*s Conference EndToEndEncryption "),
                let colon = line[start.upperBound...].firstIndex(of: ":")
            else { continue }
            let name = line[start.upperBound..<colon].replacing("[", with: " ").replacing("]", with: "")
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            rows[name.lowercased()] = value.trimmingCharacters(in: ["\""])
        }
        return rows
    }
}

/// A device as it is, held against what was meant, as JSON.
package struct DeviceComparison: Encodable, Equatable, Sendable {
    /// How far the device is.
    package enum State: String, Encodable, Sendable {
        /// The certificate that was meant is in use.
        case active
        /// It is stored and not in use.
        case stored
        /// It is not stored.
        case missing
        /// It is in use, as far as it is known: the text does not say what is.
        case unknown
    }

    /// How far the device is.
    package let state: State
    /// The certificate that was meant.
    package let meant: String
    /// Its common name, fit to be shown; nil if there is none.
    package let commonName: String?
    /// The certificate that is in use; nil if none is, or if the text does not say.
    package let active: String?
    /// All that is stored, by fingerprints.
    package let stored: [String]
    /// What is not there of the chain that was meant: fingerprints.
    package let missing: [String]
    /// What the device must get next: `add`, `activate` or `show`; nil if nothing.
    package let next: String?

    /// Holds `report` against the certificate and issuers of `bundle`.
    package init(_ report: DeviceReport, meant bundle: IdentityBundle) throws(ProvisioningError) {
        let leaf = try bundle.certificate()
        guard !leaf.isAuthority else {
            throw ProvisioningError(
                .leafIsCA, "this is the certificate of an authority (CA:TRUE), not the device's: name that")
        }
        let stored = report.list?.entries.map(\.fingerprint) ?? []
        let isActive = report.active == leaf.fingerprint.text || report.active == leaf.sha256
        let isStored = stored.contains(leaf.fingerprint) || isActive
        meant = leaf.fingerprint.text
        commonName = leaf.commonName.map(DisplayText.escaped)
        active = isActive ? leaf.fingerprint.text : report.active
        self.stored = stored.map(\.text)
        let issuers = bundle.chain.dropFirst().filter { !$0.isSelfIssued }.map(\.fingerprint)
        missing =
            report.list == nil
            ? [] : ((isStored ? [] : [leaf.fingerprint]) + issuers).filter { !stored.contains($0) }.map(\.text)
        switch (isActive, isStored) {
        case (true, _): (state, next) = (.active, nil)
        case (_, true) where !report.tellsActive: (state, next) = (.unknown, "show")
        case (_, true): (state, next) = (.stored, "activate")
        case (_, false) where report.list == nil: (state, next) = (.unknown, "show")
        default: (state, next) = (.missing, "add")
        }
    }

    /// The line to give the device next, in the terminal's form.
    ///
    /// - Parameters:
    ///   - envelopes: folder of envelopes that 'provision batch' made; nil knows none.
    ///   - name: the device's name there.
    /// - Returns: nil if nothing is left to do, or the envelope is not there.
    package func nextLine(envelopes: String?, name: String) throws -> String? {
        guard let next else { return nil }
        guard let action = ProvisioningAction(rawValue: next) else {
            return DeviceCommand.show.terminal + "xStatus Conference EndToEndEncryption\n"
        }
        guard let envelopes else { return nil }
        let path = FilePath.join(envelopes, "\(name).\(action.rawValue)\(EnvelopeFile.suffix)")
        guard PrivateFile.exists(path) else { return nil }
        let text = try EnvelopeFile.read(path)
        guard try Envelope.inspect(text).action == action else { return nil }
        return DeviceCommand(envelope: text, action: action).terminal
    }
}
