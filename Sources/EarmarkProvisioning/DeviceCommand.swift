import EarmarkOutput
import Foundation

/// A command for a device, in the forms in which devices take it.
///
/// Earmark writes such texts and sends none.
public struct DeviceCommand: Equatable, Sendable {
    /// Words of the command's path.
    public let path: [String]
    /// Parameters in their order.
    public let parameters: [Parameter]
    /// Lines after the command, closed by a line with a dot; nil for a command of one line.
    public let body: String?

    /// A named value.
    public struct Parameter: Equatable, Sendable {
        /// The name as devices spell it.
        public let name: String
        /// The value.
        public let value: String
        /// Whether the value stands in quotes.
        let isQuoted: Bool
    }

    private static let services = ["Security", "Certificates", "Services"]
    /// The one use of certificates that envelopes serve.
    private static let purpose = Parameter(name: "Purpose", value: "WebexIdentity", isQuoted: false)

    private init(_ path: [String], _ parameters: [Parameter], body: String? = nil) {
        self.path = path
        self.parameters = parameters
        self.body = body
    }

    /// The command that hands `envelope` to a device.
    public init(envelope: String, action: ProvisioningAction) {
        switch action {
        case .populate:
            self.init(
                ["Security", "ClientSecret", "Populate"],
                [Parameter(name: "Secret", value: envelope, isQuoted: true)])
        case .add:
            self.init(
                DeviceCommand.services + ["Add"], [Parameter(name: "IsEncrypted", value: "True", isQuoted: false)],
                body: envelope)
        case .activate, .deactivate:
            self.init(
                DeviceCommand.services + [action == .activate ? "Activate" : "Deactivate"],
                [DeviceCommand.purpose, Parameter(name: "Fingerprint", value: envelope, isQuoted: true)])
        }
    }

    /// Lists the stored certificates.
    public static let show = DeviceCommand(services + ["Show"], [])

    /// Removes a stored certificate.
    public static func delete(_ fingerprint: CertificateFingerprint) -> DeviceCommand {
        DeviceCommand(services + ["Delete"], [Parameter(name: "Fingerprint", value: fingerprint.text, isQuoted: true)])
    }

    /// The command that gives a device its first secret, in clear; for the device's own console.
    ///
    /// - Returns: the line with its line end, secret as the secret is.
    public static func firstUse(_ secret: ClientSecret) -> SecretBytes {
        firstUse(secret) { $0.terminal }
    }

    /// The same in any form, for those who accept that whatever carries it sees the secret.
    ///
    /// - Parameters:
    ///   - secret: the device's first secret.
    ///   - write: what writes a command in the form.
    package static func firstUse(
        _ secret: ClientSecret, writtenBy write: (DeviceCommand) throws -> String
    ) rethrows -> SecretBytes {
        // The secret takes the place of a word, so that no text ever holds it.
        let text = try write(DeviceCommand(envelope: placeholder, action: .populate))
        let parts = text.components(separatedBy: placeholder).map { Array($0.utf8) }
        let value = secret.firstUseText
        return value.withUnsafeBytes { value in
            let before = parts[0]
            let after = parts.dropFirst().first ?? []
            return SecretBytes(count: before.count + value.count + after.count) { line in
                line.copyBytes(from: before)
                UnsafeMutableRawBufferPointer(rebasing: line[before.count...]).copyMemory(from: value)
                UnsafeMutableRawBufferPointer(rebasing: line[(before.count + value.count)...]).copyBytes(from: after)
            }
        }
    }

    /// A word that no command holds.
    private static let placeholder = "FIRST-SECRET"

    /// The line that chooses the domain of the identity that the vendor issues.
    ///
    /// - Throws: `badName` if `domain` is no name of a domain.
    public static func preferredDomain(_ domain: String) throws(ProvisioningError) -> String {
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        guard isName, labels.count > 1, domain.utf8.count <= 253 else {
            throw ProvisioningError(.badName, "'\(DisplayText.escaped(domain))' is no name of a domain")
        }
        return "xConfiguration Conference EndToEndEncryption Identity PreferredDomain: \"\(domain)\"\n"
    }

    /// Lines to paste at a device's terminal, with their line ends.
    public var terminal: String {
        let values = parameters.map { $0.isQuoted ? "\($0.name): \"\($0.value)\"" : "\($0.name): \($0.value)" }
        let line = (["xCommand"] + path + values).joined(separator: " ") + "\n"
        return body.map { line + $0 + "\n.\n" } ?? line
    }

    /// The method of JSON-RPC 2.0, as jsxapi sends it.
    public var method: String { (["xCommand"] + path).joined(separator: "/") }

    /// Parameters of JSON-RPC, the body as one of them.
    public var remoteParameters: [(name: String, value: String)] {
        parameters.map { ($0.name, $0.value) } + (body.map { [("body", $0)] } ?? [])
    }

    /// The name of the command in the cloud's REST interface, `POST /v1/xapi/command/NAME`.
    public var cloudName: String { path.joined(separator: ".") }

    /// The document for `POST /putxml` at the device itself.
    public var xml: String {
        let fields = remoteParameters.map { "<\($0.name)>\(DeviceCommand.escaped($0.value))</\($0.name)>" }.joined()
        let last = path.last ?? ""
        let inner = "<\(last) command=\"True\">\(fields)</\(last)>"
        return "<Command>" + path.dropLast().reversed().reduce(inner) { "<\($1)>\($0)</\($1)>" } + "</Command>\n"
    }

    private static func escaped(_ text: String) -> String {
        OutputText.xml(text)
    }
}
