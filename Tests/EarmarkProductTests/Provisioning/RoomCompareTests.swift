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

    /// Of a text with the state before and after, what was printed last counts.
    @Test func lastStatusOfSeveralCounts() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(bundle))
        let before = room.takes(Self.questions)
        room.takes(try room.activating(Rooms.first))
        let (after, alone) = (room.takes(Self.questions), room.status())
        room.takes(try room.activating(Rooms.first, "deactivate"))
        let end = room.takes(Self.questions)
        for (text, state) in [
            (before + after, "active"), (after + end, "stored"), (before + after + end, "stored"),
            (after + before + after, "active"), (end + alone, "active"), (alone + end, "stored"),
        ] {
            let (row, status) = try compare(text, in: room)
            #expect(row["comparison"]["state"].string == state)
            #expect(row["comparison"]["active"].string == (state == "active" ? Rooms.first : nil))
            #expect(status == (state == "active" ? 0 : 48))
        }
    }

    /// A device whose answer is missing or cannot be read is not as meant: only what was seen to be right is.
    @Test func devicesOfAFleetThatWereNotReadAreLeft() throws {
        let room = try Room.withSecret()
        let place = room.place
        room.takes(try room.adding(bundle))
        try FileManager.default.createDirectory(atPath: place.file("answers"), withIntermediateDirectories: true)
        try place.write(room.takes(Self.questions), to: "answers/stored.txt")
        room.takes(try room.activating(Rooms.first))
        for name in ["one", "two"] { try place.write(room.takes(Self.questions), to: "answers/\(name).txt") }
        try place.write("no answer of a device\n", to: "answers/other.txt")
        for (names, left) in [
            (["one", "two"], 0), (["one", "absent", "two"], 1), (["other", "one"], 1), (["absent"], 1),
            (["one", "absent", "stored", "other", "two"], 3),
        ] {
            try place.write("name,action,bundle\n" + names.map { "\($0),add,\(bundle)\n" }.joined(), to: "list.csv")
            let result = try place.provision("compare", "answers", "--list", "list.csv", "--json")
            #expect(result.exitStatus == (left == 0 ? 0 : 48), "\(names)")
            let told = "\(left) of \(names.count) devices \(left == 1 ? "is" : "are") not as meant"
            #expect(result.errors.contains(left == 0 ? "not as meant" : told) == (left > 0), "\(result.errors)")
            let whole = "earmark: every device uses the certificate that was meant: \(names.count)\n"
            #expect((result.errors == whole) == (left == 0), "\(result.errors)")
            let rows = try JSON(text: result.text)["devices"].array
            #expect(rows.map(\.["name"].string) == names)
            for (row, name) in zip(rows, names) {
                let isRead = !["absent", "other"].contains(name)
                #expect(row["comparison"].isAbsent != isRead && row["error"].isAbsent == isRead, "\(name)")
            }
        }
    }

    /// No order is sealed to use what the list says is of no use; to take it out of use is no mistake.
    @Test func whatIsOfNoUseIsStillTakenOutOfUse() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(bundle))
        let shown = room.shown
        let issuer = try #require(shown.split(separator: "\n").first { $0.contains("Details 2 Fingerprint") })
            .split(separator: "\"")[1]
        let own = Rooms.first
        for (text, fingerprint, status, reason) in [
            (shown.replacing("Jan 01 00:00:00 2046", with: "Jan 01 00:00:00 2026"), own, 44, "expired"),
            (shown.replacing("Jan 01 00:00:00 2024", with: "Jan 01 00:00:00 2044"), own, 44, "notYetValid"),
            (shown, String(issuer), 65, "an authority"), (shown, own, 0, nil),
        ] as [(String, String, Int32, String?)] {
            try room.place.write(text, to: "shown.txt")
            let which = ["--show", "shown.txt", "--fingerprint", fingerprint, "--secret-env", "SECRET", "--raw"]
            let order = try room.place.provision(["activate"] + which)
            #expect(order.exitStatus == status, "\(order.errors)")
            if let reason { #expect(order.errors.contains(reason), "\(order.errors)") }
            try room.place.write(try room.place.provided(["deactivate"] + which), to: "off.jwe")
            #expect(try room.place.provided("open", "off.jwe", "--secret-env", "SECRET") == fingerprint)
        }
    }

    /// Who certified himself is no authority by that: alone on a device it is the certificate that is meant.
    @Test func selfSignedCertificateIsTheDevices() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(Rooms.pki("device-self-signed.cert.pem"), Rooms.pki("device-self-signed.key.pem")))
        try room.place.write(room.shown, to: "shown.txt")
        for verb in ["activate", "deactivate"] {
            room.takes(try room.place.provided(verb, "--show", "shown.txt", "--secret-env", "SECRET"))
            #expect(room.status().contains("Verification: \(verb == "activate" ? "On" : "Off")"))
        }
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
