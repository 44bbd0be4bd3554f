import Foundation
import ProgramSupport
import Testing

/// `earmark provision compare --help`, and what the simulator takes of published use.
@Suite struct RoomCompareTests {
    private let bundle = Rooms.pki("bundle-chain-key.pem")
    private static let questions =
        "xCommand Security Certificates Services Show\nxStatus Conference EndToEndEncryption\n"

    private func compare(_ shown: String, in room: Room, _ more: String...) throws -> (JSON, Int32) {
        try room.place.write(shown, to: "shown.txt")
        let result = try room.place.provision(
            ["compare", "shown.txt", "--certificate", bundle, "--json"] + more)
        return (try JSON(text: result.text)["devices"][0], result.exitStatus)
    }

    /// From nothing to active: each time the line that is printed is the one that the device needs.
    @Test func nextLineLeadsToTheEnd() throws {
        let room = try Room.withSecret()
        for (verb, files) in [("add", [bundle]), ("activate", ["--certificate", bundle])] {
            let sealed = try room.place.provided([verb] + files + ["--secret-env", "SECRET", "--raw"])
            try room.place.write(sealed, to: "room1.\(verb).jwe")
        }
        for (state, next, missing) in [("missing", "add", 2), ("stored", "activate", 0), ("active", nil, 0)] {
            // A session as people copy it: an older answer before the new one, and a prompt.
            let before = "login: admin\n" + room.takes(Self.questions) + "> again\n"
            let (row, status) = try compare(
                before + room.takes(Self.questions), in: room, "--envelopes", ".", "--name", "room1")
            #expect(row["comparison"]["state"].string == state)
            #expect(row["comparison"]["next"].string == next)
            #expect(row["comparison"]["missing"].array.count == missing)
            #expect(status == (state == "active" ? 0 : 48))
            guard let next else { continue }
            let line = try #require(row["line"].string)
            #expect(line.contains(next == "add" ? "Services Add" : "Services Activate"))
            room.takes(line)
        }
        #expect(try compare(room.shown, in: room).0["comparison"]["state"].string == "active")
    }

    @Test func otherIdentityIsNotTakenForTheMeant() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(Rooms.pki("device-mixed.cert.pem"), Rooms.pki("device-mixed.key.pem")))
        room.takes(try room.activating(Rooms.second))
        let (row, status) = try compare(room.takes(Self.questions), in: room)
        #expect(row["comparison"]["active"].string == Rooms.second)
        #expect(row["comparison"]["state"].string == "missing")
        #expect(status == 48)
        try room.place.write("no answer of a device\n", to: "other.txt")
        try room.place.refuses(65, "Services Show", "compare", "other.txt", "--certificate", bundle)
        try room.place.refuses(64, "--certificate or --list", "compare", "other.txt")
    }

    @Test func parametersComeInAnyOrderAndPurposesByName() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(bundle))
        let services = "xCommand Security Certificates Services"
        for purpose in ["HTTPS", "802.1X", "sip"] {
            room.takes("\(services) Activate Fingerprint: \"\(Rooms.first)\" Purpose: \(purpose)\n")
        }
        #expect(room.shown.contains("Details 1 UsedFor: \"802.1X,HTTPS,SIP\""))
        room.refuses(room.deleting(Rooms.first), "inUse")
        room.takes("\(services) Deactivate Purpose: HTTPS Fingerprint: \(Rooms.first)\n")
        room.refuses("\(services) Activate Purpose: Fax Fingerprint: \(Rooms.first)\n", "unknownCommand")
        room.refuses("\(services) Activate Purpose: HTTPS Fingerprint: \(Rooms.second)\n", "unknownFingerprint")
        let order = try room.activating(Rooms.first)
        let envelope = try #require(order.split(separator: "\"").dropFirst().first)
        room.takes("\(services) Activate Fingerprint: \"\(envelope)\" Purpose: WebexIdentity\n")
        // One status alone, and the issuer with its algorithms.
        for path in ["ExternalIdentity Verification", "ExternalIdentity/Verification"] {
            #expect(
                room.takes("xStatus Conference EndToEndEncryption \(path)\n")
                    == "*s Conference EndToEndEncryption ExternalIdentity Verification: On\n** end\n")
        }
        #expect(
            room.takes("xStatus Conference EndToEndEncryption ExternalIdentity CertificateChain Certificate[2]\n")
                .contains("Certificate 2 PrimaryName: \"Test EC Issuing\""))
        #expect(room.shown.contains("Details 2 SubjectName: \"/O=TEST ONLY - do not trust/CN=Test EC Issuing\""))
        #expect(room.shown.contains("Details 1 SignatureAlgorithm: \"ecdsa-with-SHA256\""))
        // Of what is shown, the only certificate of a device is that one, not its issuer.
        try room.place.write(room.shown, to: "shown.txt")
        _ = try room.place.provided("activate", "--show", "shown.txt", "--secret-env", "SECRET")
        let issuer = try #require(
            room.shown.split(separator: "\n").first { $0.contains("Details 2 Fingerprint") }
        ).split(separator: "\"")[1]
        try room.place.refuses(
            65, "an authority", "activate", "--show", "shown.txt", "--fingerprint", String(issuer), "--secret-env",
            "SECRET")
        let serial = try #require(
            room.shown.split(separator: "\n").first { $0.contains("Details 1 SerialNumber") }
        ).split(separator: "\"")[1]
        try room.place.refuses(
            65, "the serial number of", "activate", "--show", "shown.txt", "--fingerprint", String(serial),
            "--secret-env", "SECRET")
    }
}
