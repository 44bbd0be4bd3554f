public import Foundation

/// The receiving side: a device as far as its behaviour is documented, to rehearse a provisioning run against.
///
/// What real devices do beyond that is a choice made here, marked below and in docs/provisioning.md: no device is
/// asked, and none answers.
public struct DeviceSimulator: Sendable {
    /// Why a device refuses a command.
    public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// The kinds of refusal.
        public enum Code: String, CaseIterable, Sendable {
            /// No envelope opens before there is a secret.
            case noSecret
            /// A secret in clear, where there is one already.
            case secretAlreadySet
            /// A secret in clear that is not base64url.
            case badSecret
            /// The envelope does not open, serves another command, or is malformed.
            case badEnvelope
            /// The envelope was taken before (choice: devices are not known to remember).
            case replayed
            /// The certificate, its chain or its key is refused.
            case badCertificate
            /// The payload is no fingerprint.
            case badFingerprint
            /// No stored certificate has the fingerprint.
            case unknownFingerprint
            /// The certificate is stored already.
            case alreadyStored
            /// The certificate has ended or not begun.
            case notValid
            /// The certificate is active and cannot be removed (choice).
            case inUse
            /// The command is none that the simulator knows.
            case unknownCommand
        }

        /// The kind of refusal.
        public let code: Code
        /// Why, in words; more than a real device says.
        public let message: String

        /// Compares `code` only.
        public static func == (left: Refusal, right: Refusal) -> Bool { left.code == right.code }

        /// Code and message.
        public var description: String { "\(code.rawValue): \(message)" }
    }

    /// A certificate that the device has stored, with its key.
    struct Stored: Sendable {
        let leaf: CertificateFacts
        /// Those who issued it, as far as they came with it.
        let issuers: [CertificateFacts]
        /// What came in the envelope, to be stored with the device's state.
        let payload: SecretBytes
    }

    private(set) var secret: ClientSecret?
    private(set) var stored: [Stored] = []
    /// The certificate of encrypted meetings.
    private(set) var active: CertificateFingerprint?
    /// The certificates of other purposes.
    private(set) var others: [DevicePurpose: CertificateFingerprint] = [:]
    /// SHA-1 of every envelope that was taken.
    private(set) var taken: Set<String> = []

    /// A device that was never provisioned.
    public init() {}

    init(
        secret: ClientSecret?, stored: [Stored], active: CertificateFingerprint?,
        others: [DevicePurpose: CertificateFingerprint],
        taken: Set<String>
    ) {
        self.secret = secret
        self.stored = stored
        self.active = active
        self.others = others
        self.taken = taken
    }

    /// Takes `Security ClientSecret Populate`: text in clear the first time, envelopes afterwards.
    public mutating func populate(_ text: SecretBytes) throws(Refusal) {
        guard secret != nil else {
            let isEnvelope = text.withUnsafeBytes { $0.contains(UInt8(ascii: ".")) }
            guard !isEnvelope else { throw refusal(.noSecret, "there is no secret yet that could open an envelope") }
            guard let bytes = text.withUnsafeBytes({ Base64URL.decode($0) }), !bytes.isEmpty else {
                throw refusal(.badSecret, "the first secret is not base64url without padding, or empty")
            }
            secret = ClientSecret(SecretBytes(bytes))
            return
        }
        guard text.withUnsafeBytes({ $0.contains(UInt8(ascii: ".")) }) else {
            throw refusal(.secretAlreadySet, "there is a secret already; from then on only envelopes are taken")
        }
        let payload = try open(text, .populate)
        // Choice: after a reset the device takes a plain secret again, and keeps its certificates.
        secret = payload.isEmpty ? nil : ClientSecret(payload)
    }

    /// Takes `Security Certificates Services Add IsEncrypted: True`.
    ///
    /// - Returns: the stored certificate's fingerprint.
    @discardableResult
    public mutating func add(_ envelope: SecretBytes, at date: Date) throws(Refusal) -> CertificateFingerprint {
        let payload = try open(envelope, .add)
        let bundle = IdentityBundle(pem: [payload])
        if let error = bundle.findings.refusal { throw refusal(.badCertificate, error.description) }
        guard let leaf = bundle.leaf else { throw refusal(.badCertificate, "there is no certificate") }
        guard date <= leaf.notAfter else { throw refusal(.notValid, "the certificate has ended") }
        guard !stored.contains(where: { $0.leaf == leaf }) else {
            throw refusal(.alreadyStored, "the certificate \(leaf.fingerprint) is stored already")
        }
        stored.append(Stored(leaf: leaf, issuers: Array(bundle.chain.dropFirst()), payload: payload))
        return leaf.fingerprint
    }

    /// Takes `Security Certificates Services Activate Purpose: WebexIdentity`.
    public mutating func activate(_ envelope: SecretBytes, at date: Date) throws(Refusal) {
        let fingerprint = try fingerprint(envelope, .activate)
        let leaf = try self.leaf(fingerprint)
        guard leaf.isValid(at: date) else {
            throw refusal(.notValid, "the certificate is not valid now")
        }
        // Choice: one identity at a time; the new one takes the place of the old one.
        active = fingerprint
    }

    /// Takes `Security Certificates Services Deactivate Purpose: WebexIdentity`.
    public mutating func deactivate(_ envelope: SecretBytes) throws(Refusal) {
        let fingerprint = try fingerprint(envelope, .deactivate)
        _ = try leaf(fingerprint)
        guard active == fingerprint else { throw refusal(.unknownFingerprint, "the certificate is not active") }
        active = nil
    }

    /// Takes `Activate` for any purpose; for others than encrypted meetings the fingerprint is in clear.
    mutating func activate(_ value: SecretBytes, for purpose: DevicePurpose, at date: Date) throws(Refusal) {
        guard purpose != .webexIdentity else { return try activate(value, at: date) }
        others[purpose] = try plainFingerprint(value)
    }

    /// Takes `Deactivate` for any purpose.
    mutating func deactivate(_ value: SecretBytes, for purpose: DevicePurpose) throws(Refusal) {
        guard purpose != .webexIdentity else { return try deactivate(value) }
        let fingerprint = try plainFingerprint(value)
        guard others[purpose] == fingerprint else {
            throw refusal(.unknownFingerprint, "the certificate is not active")
        }
        others[purpose] = nil
    }

    private func plainFingerprint(_ value: SecretBytes) throws(Refusal) -> CertificateFingerprint {
        let text = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard let fingerprint = try? CertificateFingerprint(text) else {
            throw refusal(.badFingerprint, "this is no fingerprint")
        }
        _ = try leaf(fingerprint)
        return fingerprint
    }

    /// What the certificate with `fingerprint` is in use for, in the order of the guide's names.
    func purposes(_ fingerprint: CertificateFingerprint) -> [DevicePurpose] {
        DevicePurpose.allCases.filter { $0 == .webexIdentity ? active == fingerprint : others[$0] == fingerprint }
    }

    /// Takes `Security Certificates Services Delete`, whose fingerprint is in clear.
    public mutating func delete(_ text: String) throws(Refusal) {
        guard let fingerprint = try? CertificateFingerprint(text) else {
            throw refusal(.badFingerprint, "this is no fingerprint")
        }
        _ = try leaf(fingerprint)
        guard active != fingerprint else { throw refusal(.inUse, "the certificate is active") }
        guard purposes(fingerprint).isEmpty else { throw refusal(.inUse, "the certificate is active") }
        stored.removeAll { $0.leaf.fingerprint == fingerprint }
    }

    private func leaf(_ fingerprint: CertificateFingerprint) throws(Refusal) -> CertificateFacts {
        guard let entry = stored.first(where: { $0.leaf.fingerprint == fingerprint }) else {
            throw refusal(.unknownFingerprint, "no certificate with the fingerprint \(fingerprint) is stored")
        }
        return entry.leaf
    }

    private mutating func fingerprint(
        _ envelope: SecretBytes, _ action: ProvisioningAction
    ) throws(Refusal) -> CertificateFingerprint {
        let payload = try open(envelope, action)
        guard let fingerprint = try? CertificateFingerprint(payload: payload) else {
            throw refusal(.badFingerprint, "the payload is not 40 lower-case hexadecimal digits")
        }
        return fingerprint
    }

    private mutating func open(_ envelope: SecretBytes, _ action: ProvisioningAction) throws(Refusal) -> SecretBytes {
        guard let secret else { throw refusal(.noSecret, "there is no secret yet that could open an envelope") }
        let text = envelope.withUnsafeBytes { Array($0) }
        let payload: SecretBytes
        do {
            payload = try Envelope.open(text, secret: secret, expecting: action, derivation: .scrypt)
        } catch {
            throw refusal(.badEnvelope, error.description)
        }
        guard taken.insert(CertificateFingerprint(certificate: text).text).inserted else {
            throw refusal(.replayed, "this envelope was taken before")
        }
        return payload
    }

    private func refusal(_ code: Refusal.Code, _ message: String) -> Refusal { Refusal(code: code, message: message) }
}
