import EarmarkFiles
import EarmarkProvisioning
import EarmarkStore
import Foundation

/// What came of a row of a list, as JSON and comma-separated values.
struct BatchResult: Encodable {
    let row: Int
    let name: String
    let action: String
    /// `sealed`, `present` (an earlier run sealed it) or `failed`.
    let status: String
    let code: String?
    let message: String?
    let file: String?
    let fingerprint: String?
    let warnings: [String]

    /// Results with a header, lines ending in CRLF (RFC 4180).
    static func csv(_ results: [BatchResult]) -> String {
        let header = ["row", "name", "action", "status", "code", "message", "file", "fingerprint", "warnings"]
        let rows = results.map { result in
            [
                String(result.row), result.name, result.action, result.status, result.code ?? "", result.message ?? "",
                result.file ?? "", result.fingerprint ?? "", result.warnings.joined(separator: " "),
            ]
        }
        return CSVText.rows([header] + rows)
    }
}

/// Seals the envelopes of a list of devices, each row for itself.
struct DeviceBatch {
    /// How names of envelope files end.
    static let envelopeSuffix = ".jwe"
    /// Names of devices become names of files.
    private static let maximumNameByteCount = 200

    let folder: String
    let roots: TrustedRoots?
    let cipher: ContentCipher
    let allowsShared: Bool
    let stripNewline: Bool
    /// Secrets from environment variables, which are wiped once read.
    private let variables = SecretVariables()

    init(
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
        let code: String
        let message: String
    }

    /// Does all rows; `report` hears of each as it is done.
    func run(_ rows: [DeviceList.Row], report: (BatchResult) -> Void) async -> [BatchResult] {
        let shared = allowsShared ? [] : sharedCertificates(rows)
        var names: Set<String> = []
        var results: [BatchResult] = []
        for row in rows {
            let result: BatchResult
            do {
                guard names.insert(row.name.lowercased() + "\u{0}" + row.action).inserted else {
                    throw RowError(code: "duplicateRow", message: "an earlier row has this name and action")
                }
                let work = try await prepare(row)
                if let fingerprint = work.fingerprint, shared.contains(fingerprint) {
                    throw RowError(
                        code: ProvisioningError.Code.sharedCertificate.rawValue,
                        message: "several devices of the list have this certificate; each should have one of its own")
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

    private func failed(_ row: DeviceList.Row, _ error: any Error) -> BatchResult {
        let (code, message) =
            switch error {
            case let error as RowError: (error.code, error.message)
            case let error as ProvisioningError: (error.code.rawValue, error.message)
            case let error as any ReportableError: ("\(error.exitStatus)", error.text)
            default: ("internalError", "the row cannot be done")
            }
        return BatchResult(
            row: row.number, name: DisplayText.escaped(row.name), action: DisplayText.escaped(row.action),
            status: "failed", code: code, message: message, file: nil, fingerprint: nil, warnings: [])
    }

    /// Certificates that rows of different names have.
    ///
    /// Rows that fail for another reason do not count.
    private func sharedCertificates(_ rows: [DeviceList.Row]) -> Set<CertificateFingerprint> {
        var holders: [CertificateFingerprint: Set<String>] = [:]
        for row in rows {
            guard let path = row.bundle, let action = ProvisioningAction(rawValue: row.action),
                let text = try? ByteInput.read(path, maximumByteCount: BundleOptions.maximumByteCount)
            else { continue }
            let bundle = IdentityBundle(pem: [text])
            if action == .add, bundle.findings.refusal != nil { continue }
            guard let leaf = bundle.leaf ?? (try? StoredCertificateOptions.leaf(ofFile: path)) else { continue }
            holders[leaf.fingerprint, default: []].insert(row.name.lowercased())
        }
        return Set(holders.filter { $0.value.count > 1 }.keys)
    }

    private func prepare(_ row: DeviceList.Row) async throws -> Work {
        guard !row.name.isEmpty, row.name.utf8.count <= DeviceBatch.maximumNameByteCount, !row.name.hasPrefix("."),
            !row.name.contains("/"), !DisplayText.isUnprintable(row.name)
        else { throw RowError(code: "badDeviceName", message: "the name cannot be part of a file's name") }
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
            let text = try ByteInput.read(try bundle(row), maximumByteCount: BundleOptions.maximumByteCount)
            let bundle = IdentityBundle(pem: [text])
            let findings = await bundle.check(at: Date(), roots: roots)
            if let refusal = findings.refusal { throw refusal }
            warnings += findings.filter { $0.severity == .warning }.map(\.code.rawValue)
            return Work(
                name: row.name, action: action, secret: secret, payload: try bundle.payload(),
                fingerprint: bundle.leaf?.fingerprint, warnings: warnings)
        case .activate, .deactivate:
            let fingerprint = try StoredCertificateOptions.leaf(ofFile: try bundle(row)).fingerprint
            return Work(
                name: row.name, action: action, secret: secret, payload: fingerprint.payload, fingerprint: fingerprint,
                warnings: warnings)
        }
    }

    private func bundle(_ row: DeviceList.Row) throws(RowError) -> String {
        guard let bundle = row.bundle else {
            throw RowError(code: "missingBundle", message: "the row names no bundle")
        }
        return bundle
    }

    private func secret(_ source: String, _ column: String) throws -> ClientSecret {
        guard !source.isEmpty else { throw RowError(code: "missingSecret", message: "the column '\(column)' is empty") }
        if source.hasPrefix("env:") {
            return try variables.secret(String(source.dropFirst("env:".count)))
        }
        let secret = try SecretIntake.read(.file(String(source.dropFirst("file:".count))))
        return stripNewline ? secret.withoutFinalNewline : secret
    }

    /// Seals a row, unless an earlier run did: then its file opens with the secret and carries the payload.
    private func seal(_ work: Work, _ row: DeviceList.Row) throws -> BatchResult {
        let path = "\(folder)/\(work.name).\(work.action.rawValue)\(DeviceBatch.envelopeSuffix)"
        let isPresent = PrivateFile.exists(path)
        if isPresent {
            let text = try EnvelopeInput.read(path)
            guard (try? Envelope.open(text, secret: work.secret, expecting: work.action)) == work.payload else {
                throw RowError(
                    code: "differs",
                    message: "'\(path)' exists and is not what this row makes; move it away to have it made anew")
            }
        } else {
            let envelope = try Envelope.seal(
                action: work.action, payload: work.payload, secret: work.secret, cipher: cipher)
            try PrivateFile.replace(path, bytes: Array(envelope.utf8))
        }
        return BatchResult(
            row: row.number, name: work.name, action: work.action.rawValue, status: isPresent ? "present" : "sealed",
            code: nil, message: nil, file: path, fingerprint: work.fingerprint?.text, warnings: work.warnings)
    }
}

/// Secrets from environment variables that several rows may name.
private final class SecretVariables {
    private var secrets: [String: ClientSecret] = [:]

    func secret(_ name: String) throws(CommandError) -> ClientSecret {
        if let secret = secrets[name] { return secret }
        let secret = try SecretIntake.read(.environment(name))
        secrets[name] = secret
        return secret
    }
}
