import Foundation
import Testing

@testable import EarmarkProvisioning

@Suite struct DeviceTerminalTests {
    private static let secret = ClientSecret(SecretBytes("k3J-9sQ_wX2pLr7TzB4n".utf8))
    private static let other = ClientSecret(SecretBytes("aV5_cN8-tR1yUq6HdM0e".utf8))
    private static let fingerprint = "163224c3da0ba3ec5327892affebabbe00206b90"

    /// A device at the time of the test certificates, with a secret.
    private func provisioned() throws -> DeviceTerminal {
        var terminal = DeviceTerminal(DeviceSimulator(), at: try Vectors.certificates.date)
        take(DeviceCommand.firstUse(Self.secret), &terminal)
        #expect(terminal.refusals.isEmpty)
        return terminal
    }

    @discardableResult private func take(_ text: SecretBytes, _ terminal: inout DeviceTerminal) -> String {
        let lines = text.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\n")).map { SecretBytes($0) } }
        return lines.map { terminal.take($0) }.joined()
    }

    @discardableResult private func take(_ text: String, _ terminal: inout DeviceTerminal) -> String {
        take(SecretBytes(text.utf8), &terminal)
    }

    private func sealed(
        _ action: ProvisioningAction, _ payload: SecretBytes, _ secret: ClientSecret = secret
    ) throws -> String {
        DeviceCommand(envelope: try Envelope.seal(action: action, payload: payload, secret: secret), action: action)
            .terminal
    }

    private func fingerprintPayload() throws -> SecretBytes { try CertificateFingerprint(Self.fingerprint).payload }

    @Test func wholeRunIsTaken() throws {
        var terminal = try provisioned()
        let bundle = try IdentityBundle(pem: [Vectors.secret("bundle-chain-key.pem".pki)]).payload()
        #expect(take(try sealed(.add, bundle), &terminal).contains("status=OK"))
        let list = try ServicesList(Array(take(DeviceCommand.show.terminal, &terminal).utf8))
        // The intermediate is shown as well, as a certificate of its own.
        #expect(
            list.entries.map(\.fingerprint.text) == [Self.fingerprint, "d32d3573107b8fe4fc10c0c8db83dbcdacbfd540"])
        #expect(take("xStatus Conference EndToEndEncryption", &terminal).contains("ExternalIdentity Verification: Off"))
        take(try sealed(.activate, fingerprintPayload()), &terminal)
        let status = take("xStatus Conference EndToEndEncryption", &terminal)
        #expect(status.contains("ExternalIdentity Identity: \"meeting-room-1.example.com\""))
        take(try sealed(.populate, Self.other.bytes), &terminal)
        take(try sealed(.deactivate, fingerprintPayload(), Self.other), &terminal)
        take(DeviceCommand.delete(try CertificateFingerprint(Self.fingerprint)).terminal, &terminal)
        #expect(try ServicesList(Array(terminal.device.servicesShow().utf8)).entries.isEmpty)
        #expect(terminal.refusals.isEmpty)
    }

    @Test func refusals() throws {
        let bundle = try Vectors.secret("bundle-cert-key.pem".pki)
        var terminal = try provisioned()
        func refused(_ text: String, _ code: DeviceSimulator.Refusal.Code) {
            let answer = take(text, &terminal)
            #expect(answer.contains("status=Error"))
            #expect(answer.contains(code.rawValue), "\(answer)")
        }
        refused("xCommand Security ClientSecret Populate Secret: \"b3NzaWZyYWdl\"", .secretAlreadySet)
        refused(try sealed(.populate, Self.other.bytes, Self.other), .badEnvelope)
        refused(try sealed(.add, SecretBytes("no".utf8)), .badCertificate)
        refused(try sealed(.add, Vectors.secret("bundle-mismatch.pem".pki)), .badCertificate)
        let expired = try IdentityBundle(
            pem: ["device-expired.cert.pem", "device-expired.key.pem"].map { try Vectors.secret($0.pki) })
        refused(try sealed(.add, expired.payload()), .notValid)
        refused(try sealed(.activate, fingerprintPayload()), .unknownFingerprint)
        let add = try sealed(.add, bundle)
        #expect(take(add, &terminal).contains("status=OK"))
        refused(add, .replayed)
        refused(try sealed(.add, bundle), .alreadyStored)
        refused(try sealed(.activate, SecretBytes(Self.fingerprint.uppercased().utf8)), .badFingerprint)
        refused(try sealed(.deactivate, fingerprintPayload()), .unknownFingerprint)
        let envelope = try Envelope.seal(action: .deactivate, payload: fingerprintPayload(), secret: Self.secret)
        refused(DeviceCommand(envelope: envelope, action: .activate).terminal, .badEnvelope)
        take(try sealed(.activate, fingerprintPayload()), &terminal)
        refused(DeviceCommand.delete(try CertificateFingerprint(Self.fingerprint)).terminal, .inUse)
        refused("xCommand Boot", .unknownCommand)
        refused("xCommand Security Certificates Add", .unknownCommand)
        #expect(terminal.refusals.count == 14)
    }

    @Test func deviceWithoutSecretTakesNothingElse() throws {
        var terminal = DeviceTerminal(DeviceSimulator(), at: try Vectors.certificates.date)
        take(try sealed(.populate, Self.other.bytes), &terminal)
        take(try sealed(.activate, fingerprintPayload()), &terminal)
        take("xCommand Security ClientSecret Populate Secret: \"a=\"", &terminal)
        take("xCommand Security ClientSecret Populate Secret: \"\"", &terminal)
        #expect(terminal.refusals.map(\.code) == [.noSecret, .noSecret, .badSecret, .badSecret])
        take("xCommand Security ClientSecret Populate Secret: \"abcd\"", &terminal)
        #expect(terminal.refusals.count == 4)
    }

    @Test func certificateEndsWhileItIsActive() throws {
        var terminal = try provisioned()
        take(try sealed(.add, Vectors.secret("bundle-cert-key.pem".pki)), &terminal)
        take(try sealed(.activate, fingerprintPayload()), &terminal)
        #expect(terminal.device.status(at: Date(timeIntervalSince1970: 2_398_377_600)).contains("Validity: Valid"))
        #expect(terminal.device.status(at: Date(timeIntervalSince1970: 2_398_377_601)).contains("Validity: Expired"))
    }

    @Test func stateIsRemembered() throws {
        var terminal = try provisioned()
        take(try sealed(.add, Vectors.secret("bundle-cert-key.pem".pki)), &terminal)
        take(try sealed(.activate, fingerprintPayload()), &terminal)
        let text = try JSONEncoder().encode(DeviceState(terminal.device))
        let again = try JSONDecoder().decode(DeviceState.self, from: text).device()
        #expect(again.servicesShow() == terminal.device.servicesShow())
        #expect(
            again.status(at: try Vectors.certificates.date) == terminal.device.status(at: try Vectors.certificates.date)
        )
        #expect(again.taken == terminal.device.taken)
        #expect(again.secret == Self.secret)
    }
}
