import Foundation
import ProgramSupport
import Testing

/// Issuers that a device's peers would refuse are named, with what is wrong with them: docs/provisioning.md,
/// "Certificates".
@Suite struct RoomChainTests {
    private func check(_ arguments: String...) throws -> (findings: [JSON], status: Int32) {
        let result = try RoomForms.made.get().place.provision(["check", "--json"] + arguments)
        return (try JSON(text: result.text)["check"]["findings"].array, result.exitStatus)
    }

    /// With roots and without them: what is sealed is the same.
    @Test(
        arguments: [
            ("below.crt", ["middle-ended.pem"], "expired", "the issuer 'Example middle' ended on"),
            ("below.crt", ["middle-client.pem"], "untrustedIssuer", "'Example middle', which issued"),
            ("below.crt", ["middle-first.pem"], "untrustedIssuer", "is no authority"),
            ("below.crt", ["middle-server.pem"], "wrongPurpose", "issuer 'Example middle' leave out that of clients"),
            ("below.crt", ["middle-sealing.pem"], "untrustedIssuer", "lacks keyCertSign"),
            ("deep.crt", ["lower.pem", "middle-low.pem"], "untrustedIssuer", "0 authorities below it (pathlen)"),
            ("below.crt", ["middle-low.pem"], nil, ""), ("deep.crt", ["lower.pem", "middle.pem"], nil, ""),
            // Of an issuer's certificate and its renewal, the one that lasts longer.
            ("below.crt", ["middle-ended.pem", "middle.pem"], nil, ""),
        ] as [(String, [String], String?, String)])
    func issuersAreJudged(leaf: String, issuers: [String], code: String?, words: String) throws {
        for roots in [["--roots", "ca.pem"], []] {
            let result = try RoomForms.made.get().place.provision(
                ["check", "--json", leaf, "room.key"] + issuers + roots)
            let findings = try JSON(text: result.text)["check"]["findings"].array
            let errors = findings.filter { $0["severity"].string == "error" }
            #expect(errors.map(\.["code"].string) == (code == nil ? [] : [code]), "\(issuers) \(roots): \(result.text)")
            #expect(result.exitStatus == (code == nil ? 0 : 44))
            guard code != nil else { continue }
            #expect(errors.first?["message"].string?.contains(words) == true, "\(result.text)")
        }
    }

    /// Of what leads to no root the reason is one that a person can act on, and no dump of a certificate.
    @Test func rootsAreToldApart() throws {
        for (files, words) in [
            (["room.crt", "--roots", "same-name.pem"], "'CN=Example root' that was given has another key"),
            (["alone.crt", "--roots", "alone.crt"], "the certificate signed itself"),
            (["alone.crt", "--roots", "ca.pem"], "ends at 'CN=room1', which signed itself and is none of the roots"),
        ] {
            let result = try RoomForms.made.get().place.provision(["check", "room.key"] + files)
            #expect(result.exitStatus == 44)
            #expect(result.errors.contains("untrustedIssuer: ") && result.errors.contains(words), "\(result.errors)")
            #expect(!result.errors.contains("Certificate(version"))
        }
    }

    /// Purposes may be let through, for issuers as for devices; policies restrict nobody who asks for none.
    @Test func whatIsLetThrough() throws {
        #expect(
            try check("below.crt", "middle-server.pem", "room.key", "--roots", "ca.pem", "--any-purpose").status == 0)
        #expect(try check("policy.crt", "room.key", "--roots", "ca.pem").findings.isEmpty)
    }

    /// Which of several files is meant stands before what is wrong; so it does for the roots.
    @Test func filesAreNamed() throws {
        let place = try RoomForms.made.get().place
        try place.refuses(
            44, "wrongEncoding: 'key.der': the file is no PEM", "add", "room.crt", "key.der", "--secret-env", "SECRET")
        try place.refuses(
            44, "wrongEncoding: among the roots in 'room.der': ", "check", "room.crt", "room.key", "--roots",
            "room.der")
        try place.write("name,action,secret,bundle,key\nroom1,add,env:SECRET,room.crt,RSA.key\n", to: "named.csv")
        let list = try place.provision("batch", "named.csv", "--out-dir", "named-out")
        #expect(
            list.errors.contains("row 2, 'room1': keyNotP256: the column 'key': the private key in line 1 is for RSA"))
    }

    /// Old authorities write names as BMPString, UniversalString or TeletexString.
    @Test(arguments: ["mask-0x4.crt", "mask-0x100.crt", "mask-0x800.crt"])
    func namesInOldCharacterSetsAreRead(file: String) throws {
        let place = try RoomForms.made.get().place
        let result = try place.provision("check", "--json", file, "room.key", "--roots", "ca.pem")
        let check = try JSON(text: result.text)["check"]
        #expect(check["certificate"]["commonName"].string == "Zürich 1", "\(result.errors)")
        #expect(check["findings"].array.isEmpty)
    }

    /// Fingerprints as Windows and macOS print and copy them.
    @Test func fingerprintsOfOtherSystemsAreRead() throws {
        let place = try RoomForms.made.get().place
        let printed = try Rooms.openssl("x509", "-in", "room.crt", "-noout", "-fingerprint", "-sha1", in: place)
        let pairs = try #require(printed.split(separator: "=").last).trimmingCharacters(in: .whitespacesAndNewlines)
        let spaced = pairs.replacing(":", with: " ").lowercased()
        for text in [
            "\u{200E}\(spaced)", "SHA1 \(pairs)", "SHA-1 Fingerprint \(spaced)", "Cert Hash(sha1): \(spaced)",
            "Thumbprint: \(pairs)", "'\(pairs)",
        ] {
            _ = try place.provided(
                "activate", "--fingerprint", text, "--certificate", "room.crt", "--secret-env", "SECRET")
        }
        for (text, reason) in [
            ("SHA-256 fingerprint \(pairs)", "made with SHA256"),
            (pairs.replacing("A", with: "\u{410}") + "\u{410}", "other characters"),
        ] {
            try place.refuses(65, reason, "activate", "--fingerprint", text, "--secret-env", "SECRET")
        }
    }
}
