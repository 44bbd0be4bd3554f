import EarmarkFiles
import Foundation

/// Seals the envelopes of a list of devices, each row for itself.
package struct DeviceBatch {
    /// Names of devices become names of files.
    private static let maximumNameByteCount = 200

    private let folder: String
    private let roots: TrustedRoots?
    private let cipher: ContentCipher
    private let allowsShared: Bool
    private let stripNewline: Bool
    /// Secrets from environment variables, which are wiped once read.
    private let variables = SecretVariables()

    /// - Parameters:
    ///   - folder: where the envelopes go; it exists.
    ///   - roots: the authorities to trust; nil leaves chains unchecked.
    ///   - cipher: encryption of the envelopes.
    ///   - allowsShared: whether several devices may have one certificate.
    ///   - stripNewline: whether secrets from files lose one line break at their end.
    package init(
        folder: String, roots: TrustedRoots?, cipher: ContentCipher, allowsShared: Bool, stripNewline: Bool
    ) {
        self.folder = folder
        self.roots = roots
        self.cipher = cipher
        self.allowsShared = allowsShared
        self.stripNewline = stripNewline
    }

    /// What a row comes to before it is sealed.
    private struct Work {
        let name: String
        let action: ProvisioningAction
        let secret: ClientSecret
        let payload: SecretBytes
        let fingerprint: CertificateFingerprint?
        let warnings: [String]
    }

    /// A row that cannot be done.
    private struct RowError: Error {
        /// Kinds beside those of other errors; the raw value is stable and appears in results.
        enum Code: String {
            case duplicateRow, badDeviceName, missingBundle, missingSecret, differs
        }

        let code: Code
        let message: String
    }

    /// Does all rows, in their order; `report` hears of each as it is done.
    package func run(_ rows: [DeviceList.Row], report: (DeviceResult) -> Void) async -> [DeviceResult] {
        let shared = allowsShared ? [] : sharedCertificates(rows)
        var names: Set<String> = []
        var results: [DeviceResult] = []
        for row in rows {
            let result: DeviceResult
            do {
                guard names.insert(row.name.lowercased() + "\u{0}" + row.action).inserted else {
                    throw RowError(code: .duplicateRow, message: "an earlier row has this name and action")
                }
                let work = try await prepare(row)
                if let fingerprint = work.fingerprint, shared.contains(fingerprint) {
                    throw ProvisioningError(
                        .sharedCertificate,
                        "several devices of the list have this certificate; each should have one of its own")
                }
                result = try seal(work, row)
            } catch {
                result = failed(row, error)
            }
            results.append(result)
            report(result)
        }
        return results
    }

    private func failed(_ row: DeviceList.Row, _ error: any Error) -> DeviceResult {
        let (code, message) =
            switch error {
            case let error as RowError: (error.code.rawValue, error.message)
            case let error as ProvisioningError: (error.code.rawValue, error.message)
            case let error as IntakeError: (error.code.rawValue, error.message)
            case let error as FileError: (IntakeError(error).code.rawValue, error.message)
            default: ("internalError", "the row cannot be done")
            }
        return DeviceResult(
            row: row.number, name: DisplayText.escaped(row.name), action: DisplayText.escaped(row.action),
            status: .failed, code: code, message: message, file: nil, fingerprint: nil, warnings: [])
    }

    /// Certificates that rows of different names have.
    ///
    /// Rows that fail for another reason do not count.
    private func sharedCertificates(_ rows: [DeviceList.Row]) -> Set<CertificateFingerprint> {
        var holders: [CertificateFingerprint: Set<String>] = [:]
        for row in rows {
            guard let path = row.bundle, let action = ProvisioningAction(rawValue: row.action),
                let text = try? CertificateFile.read(path)
            else { continue }
            let bundle = IdentityBundle(pem: [text])
            if action == .add, bundle.findings.refusal != nil { continue }
            guard let leaf = bundle.leaf ?? (try? CertificateFile.leaf(path)) else { continue }
            holders[leaf.fingerprint, default: []].insert(row.name.lowercased())
        }
        return Set(holders.filter { $0.value.count > 1 }.keys)
    }

    private func prepare(_ row: DeviceList.Row) async throws -> Work {
        guard !row.name.isEmpty, row.name.utf8.count <= DeviceBatch.maximumNameByteCount, !row.name.hasPrefix("."),
            !row.name.contains("/"), !DisplayText.isUnprintable(row.name)
        else { throw RowError(code: .badDeviceName, message: "the name cannot be part of a file's name") }
        guard let action = ProvisioningAction(rawValue: row.action) else {
            throw ProvisioningError(.unsupportedAction, "the action is none of add, populate, activate and deactivate")
        }
        let secret = try secret(row.secret, "secret")
        try secret.requireBytes()
        var warnings = secret.advice.map(\.rawValue)
        switch action {
        case .populate:
            let new = try self.secret(row.newSecret, "new_secret")
            try new.requireBytes()
            warnings += new.advice.map(\.rawValue)
            return Work(
                name: row.name, action: action, secret: secret, payload: new.bytes, fingerprint: nil,
                warnings: warnings)
        case .add:
            let text = try CertificateFile.read(try bundle(row))
            let bundle = IdentityBundle(pem: [text])
            let findings = await bundle.check(at: Date(), roots: roots)
            if let refusal = findings.refusal { throw refusal }
            warnings += findings.filter { $0.severity == .warning }.map(\.code.rawValue)
            return Work(
                name: row.name, action: action, secret: secret, payload: try bundle.payload(),
                fingerprint: bundle.leaf?.fingerprint, warnings: warnings)
        case .activate, .deactivate:
            let fingerprint = try CertificateFile.leaf(try bundle(row)).fingerprint
            return Work(
                name: row.name, action: action, secret: secret, payload: fingerprint.payload, fingerprint: fingerprint,
                warnings: warnings)
        }
    }

    private func bundle(_ row: DeviceList.Row) throws(RowError) -> String {
        guard let bundle = row.bundle else {
            throw RowError(code: .missingBundle, message: "the row names no bundle")
        }
        return bundle
    }

    private func secret(_ source: String, _ column: String) throws -> ClientSecret {
        guard !source.isEmpty else { throw RowError(code: .missingSecret, message: "the column '\(column)' is empty") }
        if source.hasPrefix("env:") {
            return try variables.secret(String(source.dropFirst("env:".count)))
        }
        let secret = try SecretIntake.file(String(source.dropFirst("file:".count)))
        return stripNewline ? secret.withoutFinalNewline : secret
    }

    /// Seals a row, unless an earlier run did: then its file opens with the secret and carries the payload.
    private func seal(_ work: Work, _ row: DeviceList.Row) throws -> DeviceResult {
        let path = FilePath.join(folder, "\(work.name).\(work.action.rawValue)\(EnvelopeFile.suffix)")
        let isPresent = PrivateFile.exists(path)
        if isPresent {
            let text = try EnvelopeFile.read(path)
            guard (try? Envelope.open(text, secret: work.secret, expecting: work.action)) == work.payload else {
                throw RowError(
                    code: .differs,
                    message: "'\(path)' exists and is not what this row makes; move it away to have it made anew")
            }
        } else {
            let envelope = try Envelope.seal(
                action: work.action, payload: work.payload, secret: work.secret, cipher: cipher)
            try PrivateFile.replace(path, bytes: Array(envelope.utf8))
        }
        return DeviceResult(
            row: row.number, name: work.name, action: work.action.rawValue, status: isPresent ? .present : .sealed,
            code: nil, message: nil, file: path, fingerprint: work.fingerprint?.text, warnings: work.warnings)
    }
}
