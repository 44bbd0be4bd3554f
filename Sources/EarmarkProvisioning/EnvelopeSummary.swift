import EarmarkFiles
package import Foundation

/// What an envelope says of itself, and the command that hands it to a device, as JSON.
package struct EnvelopeSummary: Encodable, Equatable, Sendable {
    /// The command in two of its forms.
    package struct Command: Encodable, Equatable, Sendable {
        /// Lines to paste at the device's terminal.
        package let terminal: String
        /// The method of JSON-RPC.
        package let method: String
        /// The parameters of JSON-RPC.
        package let params: [String: String]
    }

    /// Raw value of the action.
    package let action: String
    /// Raw value of the cipher.
    package let cipher: String
    /// Bytes of the salt.
    package let saltBytes: Int
    /// The salt in hexadecimal.
    package let salt: String
    /// Bytes of the payload.
    package let payloadBytes: Int
    /// The header's JSON.
    package let header: String
    /// The envelope itself; nil where it is left out.
    package let text: String?
    /// What hands it to a device; nil where the text is left out.
    package let command: Command?

    /// Gathers what an envelope says.
    ///
    /// - Parameters:
    ///   - facts: of the envelope.
    ///   - text: the envelope itself, to have it and its command in the summary.
    package init(_ facts: Envelope.Facts, text: String? = nil) {
        action = facts.action.rawValue
        cipher = facts.cipher.rawValue
        saltBytes = facts.salt.count
        salt = Hexadecimal.text(facts.salt)
        payloadBytes = facts.payloadByteCount
        header = facts.header
        self.text = text
        command = text.map { text in
            let command = DeviceCommand(envelope: text, action: facts.action)
            return Command(
                terminal: command.terminal, method: command.method,
                params: .init(uniqueKeysWithValues: command.remoteParameters))
        }
    }
}

/// What an envelope carries, as JSON, without secrets.
package struct PayloadSummary: Encodable, Equatable, Sendable {
    /// Raw value of the action.
    package let action: String
    /// Bytes of the payload.
    package let bytes: Int
    /// `new secret`, `reset`, `certificate and key` or `fingerprint`.
    package let kind: String
    /// The fingerprint that it is, or of the certificate in it.
    package let fingerprint: String?
    /// The certificate in it.
    package let certificate: CertificateSummary?

    /// Gathers what a payload of `byteCount` bytes holds; days are counted from `date`.
    package init(_ payload: Payload, action: ProvisioningAction, byteCount: Int, at date: Date) {
        self.action = action.rawValue
        bytes = byteCount
        switch payload {
        case .newSecret: (kind, fingerprint, certificate) = ("new secret", nil, nil)
        case .reset: (kind, fingerprint, certificate) = ("reset", nil, nil)
        case .identity(let bundle):
            (kind, fingerprint) = ("certificate and key", bundle.leaf?.fingerprint.text)
            certificate = bundle.leaf.map { CertificateSummary($0, at: date) }
        case .fingerprint(let value): (kind, fingerprint, certificate) = ("fingerprint", value.text, nil)
        }
    }
}
