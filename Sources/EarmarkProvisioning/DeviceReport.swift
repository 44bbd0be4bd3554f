import EarmarkFiles
import Foundation

/// What somebody copied from a device: its answers to `Services Show` and `xStatus`, with whatever stands around them.
package struct DeviceReport: Sendable {
    /// What it has stored, of the last list in the text; nil if there is none.
    package let list: ServicesList?
    /// Whether it says which certificate is in use.
    package let tellsActive: Bool
    /// The certificate that is in use for encrypted meetings; nil if none is.
    package let active: CertificateFingerprint?

    private static let listStart = "ServicesShowResult (status="
    private static let listEnd = "** end"
    private static let purpose = DevicePurpose.webexIdentity.rawValue.lowercased()

    /// Longest output of a device, in bytes.
    private static let maximumByteCount = 1 << 20

    /// Reads the file at `path`, `-` being standard input.
    package init(path: String) throws {
        let text = try ByteInput.read(path, maximumByteCount: DeviceReport.maximumByteCount)
        try self.init(text.withUnsafeBytes { Array($0) })
    }

    /// - Throws: `badServicesList` if neither a list nor a status is there, or what is wrong with the list.
    package init(_ bytes: [UInt8]) throws(ProvisioningError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServicesList.unreadable("it is not UTF-8")
        }
        let status = DeviceReport.status(text)
        let isXML = text.first { !$0.isWhitespace && $0 != "\u{FEFF}" } == "<"
        if isXML {
            list = try ServicesList(bytes)
        } else if let last = DeviceReport.lastList(text) {
            list = try ServicesList(Array(last.utf8))
        } else if status.isEmpty || text.contains("Details 1 ") {
            list = try ServicesList(bytes)
        } else {
            list = nil
        }
        if let verification = status["externalidentity verification"] {
            tellsActive = true
            let fingerprint = status["externalidentity certificatechain certificate 1 fingerprint"]
            active =
                verification.lowercased() == "on"
                ? try fingerprint.map { text throws(ProvisioningError) in try CertificateFingerprint(text) } : nil
        } else {
            tellsActive = list?.entries.contains { $0.fields["UsedFor"] != nil } ?? false
            active =
                list?.entries.first { $0.purposes.contains { $0.lowercased() == DeviceReport.purpose } }?.fingerprint
        }
    }

    /// The last list of the text: people paste what they saw before and after.
    private static func lastList(_ text: String) -> Substring? {
        guard let start = text.range(of: listStart, options: .backwards) else { return nil }
        let rest = text[start.lowerBound...]
        return rest.range(of: listEnd).map { rest[..<$0.lowerBound] } ?? rest
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
        let stored = report.list?.entries.map(\.fingerprint) ?? []
        let isActive = report.active == leaf.fingerprint
        let isStored = stored.contains(leaf.fingerprint) || isActive
        meant = leaf.fingerprint.text
        commonName = leaf.commonName.map(DisplayText.escaped)
        active = report.active?.text
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
