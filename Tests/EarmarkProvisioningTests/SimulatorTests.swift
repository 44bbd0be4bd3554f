import Foundation
import Testing

@testable import EarmarkProvisioning

/// The receiving side, where no command of Earmark's leads: payloads that nobody seals with it.
@Suite struct SimulatorTests {
    private static let secret = ClientSecret(SecretBytes("k3J-9sQ_wX2pLr7TzB4n".utf8))
    private static let fingerprint = "163224c3da0ba3ec5327892affebabbe00206b90"
    /// Within the time of the test certificates.
    private let date = Date(timeIntervalSince1970: 1_795_392_000)

    private func provisioned() throws -> DeviceSimulator {
        var device = DeviceSimulator()
        try device.populate(Self.secret.firstUseText)
        _ = try device.add(try sealed(.add, Vectors.secret("bundle-chain-key.pem".pki)), at: date)
        return device
    }

    private func sealed(_ action: ProvisioningAction, _ payload: SecretBytes) throws -> SecretBytes {
        SecretBytes(try Envelope.seal(action: action, payload: payload, secret: Self.secret).utf8)
    }

    private func code(_ work: () throws -> Void) -> DeviceSimulator.Refusal.Code? {
        do {
            try work()
            return nil
        } catch {
            return (error as? DeviceSimulator.Refusal)?.code
        }
    }

    /// 40 lower-case digits and nothing else.
    @Test func payloadIsTheFingerprintExactly() throws {
        var device = try provisioned()
        let text = Self.fingerprint
        for payload in ["", text.uppercased(), text + "\n", " " + text, String(text.dropLast()), text + "0"] {
            for action in [ProvisioningAction.activate, .deactivate] {
                let envelope = try sealed(action, SecretBytes(payload.utf8))
                let code = code {
                    if action == .activate {
                        try device.activate(envelope, at: date)
                    } else {
                        try device.deactivate(envelope)
                    }
                }
                #expect(code == .badFingerprint, "\(payload)")
            }
        }
        try device.activate(try sealed(.activate, SecretBytes(text.utf8)), at: date)
        #expect(device.active?.text == text)
    }

    @Test func bundleIsJudgedAsBeforeSealing() throws {
        var device = try provisioned()
        for name in ["bundle-no-key.pem", "bundle-no-cert.pem", "bundle-two-keys.pem", "bundle-mismatch.pem"] {
            let envelope = try sealed(.add, Vectors.secret(name.pki))
            #expect(code { _ = try device.add(envelope, at: date) } == .badCertificate, "\(name)")
        }
        #expect(device.stored.count == 1)
    }

    @Test func addedCertificateIsNotActive() throws {
        var device = try provisioned()
        #expect(device.active == nil)
        #expect(device.stored.map(\.leaf.fingerprint.text) == [Self.fingerprint])
        try device.activate(try sealed(.activate, SecretBytes(Self.fingerprint.utf8)), at: date)
        try device.deactivate(try sealed(.deactivate, SecretBytes(Self.fingerprint.utf8)))
        #expect(device.active == nil)
        #expect(device.stored.count == 1)
    }

    /// What was valid when it was added may have ended by the time it is activated; an envelope may come too early.
    @Test func onlyWhatIsValidIsActivated() throws {
        var device = try provisioned()
        let leaf = try #require(device.stored.first).leaf
        // Sealed anew each time: what was refused is not taken again.
        func activate(at time: Date) throws {
            try device.activate(try sealed(.activate, SecretBytes(Self.fingerprint.utf8)), at: time)
        }
        for time in [leaf.notBefore.addingTimeInterval(-1), leaf.notAfter.addingTimeInterval(1)] {
            #expect(code { try activate(at: time) } == .notValid)
            #expect(device.active == nil)
        }
        try activate(at: leaf.notAfter)
        #expect(device.active?.text == Self.fingerprint)
    }

    /// The order of bytes that a device prints: month, day, clock, year, all with two digits.
    @Test func timesAreShownAsDevicesDo() throws {
        var device = try provisioned()
        #expect(device.servicesShow().contains("Details 1 notAfter: \"Jan 01 00:00:00 2046 GMT\""))
        #expect(device.servicesShow().contains("Details 1 notBefore: \"Jan 01 00:00:00 2024 GMT\""))
        #expect(device.servicesShow().contains("Details 1 SerialNumber: \"82157CE85BB1D83EAE7C057993D233\""))
        let made = try Issued("Room", from: Date(timeIntervalSince1970: 1_691_463_866), to: Issued.end)
        let bundle = try Issued.bundle([made], key: made)
        _ = try device.add(try sealed(.add, bundle.payload()), at: Issued.start)
        #expect(device.servicesShow().contains("Details 2 notBefore: \"Aug 08 03:04:26 2023 GMT\""))
        #expect(device.servicesShow().contains("Details 2 SubjectName: \"/CN=Room\""))
    }

    /// A certificate may begin after its end: it is never valid, and no more than that.
    @Test func certificateWithoutAnyValidityIsRefused() throws {
        var device = try provisioned()
        let never = try Issued("Never", from: Issued.end, to: Issued.start)
        let payload = try Issued.bundle([never], key: never).payload()
        let fingerprint = try device.add(try sealed(.add, payload), at: Issued.start)
        for date in [Issued.start, Issued.start.addingTimeInterval(1), Issued.end] {
            let order = try sealed(.activate, fingerprint.payload)
            #expect(code { try device.activate(order, at: date) } == .notValid)
        }
        // As an issuer of the active one, its dates are shown.
        let issuer = try Issued("Before", isAuthority: true, from: Issued.end, to: Issued.start)
        let leaf = try Issued("Below", by: issuer)
        let below = try Issued.bundle([leaf, issuer], key: leaf).payload()
        let active = try device.add(try sealed(.add, below), at: Issued.start)
        try device.activate(try sealed(.activate, active.payload), at: Issued.start)
        #expect(device.status(at: Issued.start).contains("Certificate 2 Validity: Expired"))
    }

    @Test func damagedStateIsRefused() throws {
        let text = String(decoding: try JSONEncoder().encode(DeviceState(provisioned())), as: UTF8.self)
        func device(_ text: String) throws -> DeviceSimulator {
            try JSONDecoder().decode(DeviceState.self, from: Data(text.utf8)).device()
        }
        #expect(try device(text).stored.count == 1)
        for (old, new) in [("\"version\":1", "\"version\":2"), ("\"version\":1", "\"version\":0")] {
            #expect(throws: ProvisioningError(.badTable, "")) { try device(text.replacing(old, with: new)) }
        }
        let bundle = try Vectors.bytes("pki/bundle-chain-key.pem")
        let stored = Data(bundle).base64EncodedString().replacing("/", with: "\\/")
        #expect(text.contains(stored))
        #expect(throws: ProvisioningError(.missingCertificate, "")) { try device(text.replacing(stored, with: "")) }
    }
}
