import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "Certificates": what `earmark provision check` says and how it ends.
@Suite struct RoomCheckTests {
    private let bundle = Rooms.pki("bundle-chain-key.pem")

    private func check(_ arguments: String..., at seconds: Int = Rooms.now) throws -> (JSON, Int32, String) {
        let result = try Workplace().provision(["check", "--json", "--at", Board.time(seconds)] + arguments)
        return (try JSON(text: result.text)["check"], result.exitStatus, result.errors)
    }

    private func codes(_ check: JSON) -> [String?] { check["findings"].array.map(\.["code"].string) }

    /// Less than the days given: exactly as many are no warning, one second less is.
    @Test func validityToTheSecond() throws {
        let roots = Rooms.pki("roots.pem")
        let month = 30 * 86_400
        for (moment, expected, verdict) in [
            (Rooms.begin - 1, ["notYetValid"], "reject"), (Rooms.begin, [], "accept"),
            (Rooms.end - month, [], "accept"), (Rooms.end - month + 1, ["expiresSoon"], "warn"),
            (Rooms.end, ["expiresSoon"], "warn"), (Rooms.end + 1, ["expired"], "reject"),
        ] as [(Int, [String], String)] {
            let (check, status, errors) = try check(bundle, "--roots", roots, at: moment)
            #expect(codes(check) == expected, "\(moment)")
            #expect(check["verdict"].string == verdict)
            #expect(status == (verdict == "reject" ? 44 : 0))
            #expect(errors.contains("earmark: error: ") == (verdict == "reject"))
        }
        #expect(codes(try check(bundle, "--roots", roots, "--days", "0", at: Rooms.end).0) == [])
        #expect(codes(try check(bundle, "--roots", roots, "--days", "1", at: Rooms.end).0) == ["expiresSoon"])
    }

    @Test func certificateIsDescribed() throws {
        let (check, _, _) = try check(bundle)
        let certificate = check["certificate"]
        #expect(certificate["commonName"].string == "meeting-room-1.example.com")
        #expect(
            certificate["alternativeNames"].array.map(\.string) == [
                "DNS:meeting-room-1.example.com", "email:room1.roomkit@example.com",
            ])
        #expect(certificate["subject"].string == "CN=meeting-room-1.example.com,O=TEST ONLY - do not trust")
        #expect(certificate["issuer"].string == "CN=Test EC Issuing,O=TEST ONLY - do not trust")
        #expect(certificate["serialNumber"].string == "82157ce85bb1d83eae7c057993d233")
        #expect(certificate["notBefore"].string == Board.time(Rooms.begin))
        #expect(certificate["notAfter"].string == Board.time(Rooms.end))
        #expect(certificate["daysLeft"].int == (Rooms.end - Rooms.now) / 86_400)
        #expect(certificate["fingerprint"].string == Rooms.first)
        #expect(
            certificate["sha256"].string == "8439f9cd0d07530d01ce6da7551c1ee6f41de39fc0d2825eb3d84943d6e36b64")
        #expect(check["issuers"].array.map(\.["commonName"].string) == ["Test EC Issuing"])
        #expect(codes(check) == ["chainNotChecked"])
    }

    @Test func everyKindOfNameIsShown() throws {
        let paths = ["cert", "key"].map { Rooms.pki("device-many-sans.\($0).pem") }
        let text = try Workplace().provision("check", paths[0], paths[1], "--at", Board.time(Rooms.now)).text
        #expect(
            text.contains(
                "DNS:meeting-room-1.example.com, email:room1.roomkit@example.com, DNS:*.example.com, "
                    + "URI:https://example.com/rooms/1, IP:192.0.2.7, IP:2001:db8::7"))
        #expect(text.contains("valid to       2046-01-01T00:00:00Z (\((Rooms.end - Rooms.now) / 86_400) days)"))
    }

    /// All at once, errors first, then warnings, then notes.
    @Test func everythingIsSaidAndTheWorstFirst() throws {
        let place = try Workplace()
        // Glued blocks, an authority's certificate, its time over, no roots.
        let glued =
            try Rooms.text("device-is-ca.cert.pem").trimmingCharacters(in: .newlines)
            + Rooms.text("device-is-ca.key.pem")
        try place.write(glued, to: "glued.pem")
        let result = try place.provision(
            "check", "glued.pem", "--json", "--at", Board.time(Rooms.end + 1))
        let findings = try JSON(text: result.text)["check"]["findings"].array
        #expect(findings.map(\.["code"].string) == ["leafIsCA", "expired", "gluedBlocks", "chainNotChecked"])
        #expect(findings.map(\.["severity"].string) == ["error", "error", "warning", "note"])
        #expect(result.exitStatus == 44)
        #expect(result.errors.split(separator: "\n").count == 2)
        // What is sealed is refused with the same words, and nothing is printed.
        try place.refuses(44, "leafIsCA", "add", "glued.pem", "--secret-env", "SECRET")
    }

    @Test func wrongRootsAndUnknownExtensions() throws {
        for (name, roots, code) in [
            ("device-ec", "ca-other-root.pem", "untrustedIssuer"), ("device-impostor", "roots.pem", "untrustedIssuer"),
            ("device-unknown-critical", "roots.pem", "unhandledCriticalExtension"),
        ] {
            let paths = ["cert", "key"].map { Rooms.pki("\(name).\($0).pem") }
            let issuer = Rooms.pki("ca-ec-int.pem")
            let (check, status, _) = try check(paths[0], paths[1], issuer, "--roots", Rooms.pki(roots))
            #expect(codes(check).first == code)
            #expect(status == 44)
        }
    }

    /// The list of roots may be as long as the public authorities' (a quarter of a mebibyte), and a file has its limit.
    @Test func limitOfTheFile() throws {
        let place = try Workplace()
        let text = try Rooms.text("bundle-chain-key.pem")
        let limit = 1 << 20
        for (count, status) in [(limit, Int32(0)), (limit + 1, 65)] {
            try place.write(text + String(repeating: " ", count: count - text.utf8.count), to: "long.pem")
            let result = try place.provision("check", "long.pem", "--at", Board.time(Rooms.now))
            #expect(result.exitStatus == status, "\(count)")
        }
    }

    /// RFC 2986: the request carries the names, on P-256, signed by the key that is written.
    @Test func requestCarriesWhatWasAskedFor() throws {
        let place = try Workplace()
        _ = try place.provided(
            "csr", "--cn", "Room 1", "--dns", "room1.example.com", "--dns", "*.example.com", "--email",
            "room1@example.com", "--uri", "https://example.com/1", "--ip", "192.0.2.7", "--ip", "2001:db8::7",
            "--key-out", "room.key", "-o", "room.csr")
        let text = try Rooms.openssl(
            "req", "-in", "room.csr", "-noout", "-verify", "-text", "-nameopt", "RFC2253", in: place)
        #expect(text.contains("verify OK"))
        #expect(text.contains("Subject: CN=Room 1\n"))
        #expect(text.contains("prime256v1"))
        #expect(
            text.contains(
                "DNS:room1.example.com, DNS:*.example.com, email:room1@example.com, URI:https://example.com/1, "
                    + "IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7"))
        let key = try Rooms.openssl("pkey", "-in", "room.key", "-pubout", in: place)
        #expect(try Rooms.openssl("req", "-in", "room.csr", "-noout", "-pubkey", in: place) == key)
        // Neither file is overwritten, and where the request is there, no key is left behind.
        try place.refuses(73, "room.csr", "csr", "--cn", "Room", "--key-out", "new.key", "-o", "room.csr")
        #expect(!FileManager.default.fileExists(atPath: place.file("new.key")))
        try place.refuses(73, "room.key", "csr", "--cn", "Room", "--key-out", "room.key")
    }
}
