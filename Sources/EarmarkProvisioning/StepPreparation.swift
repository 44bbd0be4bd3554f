import EarmarkFiles
import Foundation

/// Reads and checks what a step needs, so that every mistake shows before anything is sealed.
struct StepPreparation: Sendable {
    /// Names of devices become names of files.
    private static let maximumNameByteCount = 200

    let roots: TrustedRoots?
    let policy: BundlePolicy
    let stripNewline: Bool
    /// Whether the lines to paste need the device's identifier in the cloud.
    let needsDevice: Bool
    /// Secrets from environment variables, read before any thread began.
    let variables: SecretVariables
    /// Files that steps must not write.
    let files: SharedFiles
    let date: Date
    /// What ends the names of other files than a device's own.
    private static let reservedEndings = [".console", ".first"]

    /// Whether a device's name can be part of a file's name.
    static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= maximumNameByteCount && !name.hasPrefix(".") && !name.contains("/")
            && !DisplayText.isUnprintable(name) && !reservedEndings.contains(where: name.lowercased().hasSuffix)
    }

    /// The step, once all is known to be well.
    func prepare(_ step: FleetPlan.Step) async throws -> PreparedStep {
        guard !step.isDuplicate else {
            throw StepError(code: .duplicateRow, message: "an earlier row has this name and action")
        }
        let row = step.row
        guard StepPreparation.isFileName(step.device) else {
            throw StepError(
                code: .badDeviceName,
                message: "the name cannot be part of a file's name, or ends as other files do: "
                    + StepPreparation.reservedEndings.joined(separator: ", "))
        }
        guard let kind = step.kind else {
            throw ProvisioningError(.unsupportedAction, "the action is none of \(DeviceStep.names)")
        }
        guard !needsDevice || kind.action == nil || !row.device.isEmpty else {
            throw StepError(
                code: .missingColumn, message: "the column 'device' is empty; the cloud needs the device's identifier")
        }
        if let problem = files.problem(step) { throw problem }
        switch kind {
        case .generate:
            let source = try StepFiles.path(row.secret, "secret")
            let isPresent = try StepFiles.makeSecret(source, "secret")
            return PreparedStep(step, kind, .made(source, isPresent: isPresent))
        case .request: return try request(step)
        case .first, .populate, .rotate, .reset: return try change(step, kind)
        case .add: return try await add(step)
        case .activate, .deactivate: return try activation(step, kind)
        }
    }

    private func request(_ step: FleetPlan.Step) throws -> PreparedStep {
        let row = step.row
        guard let key = row.key, let request = row.request else {
            throw StepError(
                code: .missingColumn, message: "the columns 'key' and 'request' must both name a file to be written")
        }
        let names = try SigningRequest.alternativeNames(row.alternativeNames)
        let commonName = row.commonName.isEmpty ? row.name : row.commonName
        if StepFiles.isFilled(key) {
            let pem = try StepFiles.certificates(key, "key")
            if StepFiles.isFilled(request) {
                let present = try StepFiles.certificates(request, "request")
                guard SigningRequest.isRequest(present, for: commonName, names, keyPEM: pem) else {
                    throw StepError(
                        code: .differs,
                        message: "'\(request)' exists and does not request these names for this key; move it away to "
                            + "have it made anew")
                }
                return PreparedStep(step, .request, .made(request, isPresent: true))
            }
            let made = try SigningRequest(commonName: commonName, alternativeNames: names, keyPEM: pem)
            try StepFiles.fill(request, Array(made.request.utf8))
        } else {
            guard !StepFiles.isFilled(request) else {
                throw StepError(code: .differs, message: "'\(request)' exists, and its key is not there: '\(key)'")
            }
            let made = try SigningRequest(commonName: commonName, alternativeNames: names)
            try made.key.withUnsafeBytes { try StepFiles.fill(key, Array($0)) }
            try StepFiles.fill(request, Array(made.request.utf8))
        }
        return PreparedStep(step, .request, .made(request, isPresent: false))
    }

    private func change(_ step: FleetPlan.Step, _ kind: DeviceStep) throws -> PreparedStep {
        let row = step.row
        var (secret, warnings) = try secret(row.secret, "secret")
        switch kind {
        case .populate, .rotate:
            if kind == .rotate {
                _ = try StepFiles.makeSecret(StepFiles.path(row.newSecret, "new_secret"), "new_secret")
            }
            let (new, more) = try self.secret(row.newSecret, "new_secret")
            warnings += more
            if new == secret {
                guard kind == .populate else {
                    throw StepError(
                        code: .sameSecret,
                        message: "the file of the column 'new_secret' holds the secret that the device has already; "
                            + "name one that is not there, so that a random secret is made in it")
                }
                warnings.append(StepError.Code.sameSecret.rawValue)
            }
            return PreparedStep(
                step, kind, .sealed(.populate, new.bytes), secret: secret, newSecret: new, warnings: warnings)
        case .reset:
            let nothing = ClientSecret(SecretBytes([]))
            return PreparedStep(
                step, kind, .sealed(.populate, nothing.bytes), secret: secret, newSecret: nothing, warnings: warnings)
        default: return PreparedStep(step, kind, .first, secret: secret, warnings: warnings)
        }
    }

    private func add(_ step: FleetPlan.Step) async throws -> PreparedStep {
        var (secret, warnings) = try secret(step.row.secret, "secret")
        let bundle = try bundle(step.row)
        let findings = await bundle.check(at: date, roots: roots, policy: policy)
        if let refusal = findings.refusal { throw refusal }
        try FingerprintCheck.require(step.row.fingerprint, names: bundle)
        warnings += findings.filter { $0.severity == .warning }.map(\.code.rawValue)
        if findings.contains(where: { $0.code == .chainNotChecked }) {
            warnings.append(ProvisioningError.Code.chainNotChecked.rawValue)
        }
        return PreparedStep(
            step, .add, .sealed(.add, try bundle.payload()), secret: secret, leaf: bundle.leaf, warnings: warnings)
    }

    private func activation(_ step: FleetPlan.Step, _ kind: DeviceStep) throws -> PreparedStep {
        let row = step.row
        let (secret, warnings) = try secret(row.secret, "secret")
        let action: ProvisioningAction = kind == .activate ? .activate : .deactivate
        guard row.bundle != nil || row.fingerprint.isEmpty else {
            let fingerprint = try CertificateFingerprint(row.fingerprint)
            return PreparedStep(
                step, kind, .sealed(action, fingerprint.payload), secret: secret, fingerprint: fingerprint,
                warnings: warnings)
        }
        let bundle = try bundle(row)
        let leaf = try bundle.certificate()
        try FingerprintCheck.require(row.fingerprint, names: bundle, leaf: leaf)
        if kind == .activate, let refusal = leaf.activationFindings(at: date, policy: policy).refusal { throw refusal }
        return PreparedStep(
            step, kind, .sealed(action, leaf.fingerprint.payload), secret: secret, leaf: leaf, warnings: warnings)
    }

    /// The bundle of a row, with the key of its own column where it has none.
    private func bundle(_ row: DeviceList.Row) throws -> IdentityBundle {
        guard let path = row.bundle else {
            throw StepError(code: .missingBundle, message: "the row names no bundle")
        }
        let text = try StepFiles.certificates(path, "bundle")
        let bundle = IdentityBundle(pem: [text], names: ["the column 'bundle'"])
        guard let key = row.key, bundle.findings.contains(where: { $0.code == .missingPrivateKey }) else {
            return bundle
        }
        return IdentityBundle(
            pem: [text, try StepFiles.certificates(key, "key")], names: ["the column 'bundle'", "the column 'key'"])
    }

    /// A secret and what is unwise about it.
    private func secret(_ source: String, _ column: String) throws -> (secret: ClientSecret, advice: [String]) {
        guard !source.isEmpty else { throw StepError(code: .missingSecret, message: "the column '\(column)' is empty") }
        var secret: ClientSecret
        var advice: [SecretAdvice] = []
        if source.hasPrefix("env:") {
            secret = try variables.secret(String(source.dropFirst("env:".count)), column)
        } else {
            let path = String(source.dropFirst("file:".count))
            secret = try StepFiles.secret(path, column)
            if SecretIntake.isReadableByOthers(path) { advice.append(.readableByOthers) }
            if stripNewline { secret = secret.withoutFinalNewline }
        }
        do throws(ProvisioningError) {
            try secret.requireBytes()
        } catch {
            throw ProvisioningError(.emptySecret, "the secret of the column '\(column)' is empty")
        }
        return (secret, (secret.advice + advice).map(\.rawValue))
    }
}
