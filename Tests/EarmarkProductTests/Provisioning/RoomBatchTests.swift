import Foundation
import ProgramSupport
import Testing

/// `earmark provision batch --help`: each row for itself, and a run that was interrupted is started again.
@Suite struct RoomBatchTests {
    private static let header = "name,action,secret,bundle,new_secret\n"
    private let ec = Rooms.pki("bundle-chain-key.pem")

    /// A folder with the bundle of the second certificate, `second.pem`.
    private func workplace() throws -> Workplace {
        let place = try Workplace()
        try place.write(
            try Rooms.text("device-mixed.cert.pem") + Rooms.text("device-mixed.key.pem"), to: "second.pem")
        try place.write(Rooms.secret + "\n", to: "line.secret")
        return place
    }

    private func batch(
        _ rows: String, _ arguments: String..., in place: Workplace
    ) throws -> (rows: [JSON], status: Int32, errors: String) {
        try place.write(Self.header + rows, to: "devices.csv")
        let result = try place.provision(["batch", "devices.csv", "--out-dir", "out", "--json"] + arguments)
        return (try JSON(text: result.text)["devices"].array, result.exitStatus, result.errors)
    }

    /// Both holders of one certificate are refused, under whatever action; other rows are not harmed.
    @Test func sharedCertificateIsRefusedInEveryRow() throws {
        let place = try workplace()
        let third = try ["cert", "key"].map { try Rooms.text("device-no-san.\($0).pem") }
        try place.write(third.joined(), to: "third.pem")
        let rows = """
            room1,add,env:SECRET,\(ec),
            room2,activate,env:SECRET,\(ec),
            Room3,add,env:SECRET,third.pem,
            room3,activate,env:SECRET,third.pem,
            room4,populate,env:SECRET,,env:OTHER

            """
        let refused = try batch(rows, in: place)
        #expect(refused.status == 46)
        #expect(refused.rows.map(\.["status"].string) == ["failed", "failed", "sealed", "sealed", "sealed"])
        #expect(refused.rows.prefix(2).map(\.["code"].string) == ["sharedCertificate", "sharedCertificate"])
        for (row, name) in [(2, "room1"), (3, "room2")] {
            #expect(refused.errors.contains("row \(row), '\(name)': sharedCertificate: "))
        }
        #expect(!FileManager.default.fileExists(atPath: place.file("out/room1.add.jwe")))
        let allowed = try batch(rows, "--allow-shared", in: place)
        #expect(allowed.status == 0)
        #expect(allowed.rows.map(\.["status"].string) == ["sealed", "sealed", "present", "present", "present"])
        #expect(
            allowed.rows.map(\.["fingerprint"].string) == [Rooms.first, Rooms.first, Rooms.third, Rooms.third, nil])
    }

    /// An authority's certificate fails for its own reason and shares with nobody.
    @Test func rowThatFailsSharesNothing() throws {
        let place = try workplace()
        let texts = try ["cert", "key"].map { try Rooms.text("device-is-ca.\($0).pem") }
        try place.write(texts.joined(), to: "authority.pem")
        let result = try batch(
            "room1,add,env:SECRET,authority.pem,\nroom2,activate,env:SECRET,authority.pem,\n", in: place)
        // Nor is an order to activate it sealed.
        #expect(result.rows.map(\.["code"].string) == ["leafIsCA", "leafIsCA"])
    }

    /// "Common name or host, up to the first dot": whose name the certificate bears is innocent.
    @Test(
        arguments: [
            ("meeting-room-1", true), ("Meeting Room 1", true), ("meeting-room-1.example.com", true),
            ("meeting", false),
            ("meeting-room-1.example", false), ("meeting-room-11", false), ("room-1", false),
        ])
    func namedDeviceIsInnocent(name: String, isInnocent: Bool) throws {
        let place = try workplace()
        // One has the name as its common name, the other, whose common name is another, as its host's alone.
        let other = try ["cert", "key"].map { try Rooms.text("device-many-sans.\($0).pem") }
        try place.write(other.joined(), to: "host.pem")
        for bundle in [ec, "host.pem"] {
            let rows = "elsewhere,activate,env:SECRET,\(bundle),\n\(name),activate,env:SECRET,\(bundle),\n"
            let result = try batch(rows, in: place)
            let codes = result.rows.map(\.["code"].string)
            #expect(codes == ["sharedCertificate", isInnocent ? nil : "sharedCertificate"], "\(bundle)")
            #expect(result.rows.map(\.["status"].string).last == (isInnocent ? "sealed" : "failed"))
            #expect(result.errors.contains("it names '\(name)'") == isInnocent)
            try FileManager.default.removeItem(atPath: place.file("out"))
        }
    }

    /// `--any-purpose`, for certificates that are added and for those that are activated.
    @Test func purposesMayBeLetThrough() throws {
        let place = try workplace()
        let forms = try RoomForms.made.get().place
        try place.write(try forms.text(of: "server.crt") + forms.text(of: "room.key"), to: "server.pem")
        let rows = "room1,add,env:SECRET,server.pem,\nroom2,activate,env:SECRET,server.pem,\n"
        let refused = try batch(rows, "--allow-shared", in: place)
        #expect(refused.status == 46 && refused.rows.map(\.["code"].string) == ["wrongPurpose", "wrongPurpose"])
        let passed = try batch(rows, "--allow-shared", "--any-purpose", in: place)
        #expect(passed.status == 0 && passed.rows.map(\.["status"].string) == ["sealed", "sealed"], "\(passed.errors)")
    }

    /// What a device gets after its first secret is sealed with that one, or with what it is changed to.
    @Test func firstSecretIsTheDevicesFromThenOn() throws {
        let place = try workplace()
        for (rows, code) in [
            ("room1,first,env:SECRET,,\nroom1,activate,env:OTHER,\(ec),\n", "staleSecret"),
            ("room2,first,env:SECRET,,\nroom2,populate,env:OTHER,,env:SECRET\n", "staleSecret"),
            ("room3,first,env:SECRET,,\nroom3,activate,env:SECRET,\(ec),\n", nil),
            (
                "room4,first,env:SECRET,,\nroom4,populate,env:SECRET,,env:OTHER\nroom4,activate,env:OTHER,\(ec),\n",
                nil
            ),
        ] as [(String, String?)] {
            let result = try batch(rows, in: place)
            let codes = result.rows.compactMap { $0["code"].string }
            #expect(codes == [code].compactMap { $0 }, "\(rows): \(result.errors)")
            #expect(result.errors.contains("row 2 gives the device another secret") == (code != nil))
        }
    }

    /// What an earlier run sealed is kept to the byte; what is something else is neither taken nor overwritten.
    @Test func envelopesThatAreThereAreOpenedAndCompared() throws {
        let place = try workplace()
        let rows = (1...6).map { "room\($0),activate,env:SECRET,\(ec),\n" }.joined()
        #expect(try batch(rows, "--allow-shared", in: place).status == 0)
        func file(_ number: Int) -> String { "out/room\(number).activate.jwe" }
        let kept = try place.text(of: file(1))
        try FileManager.default.removeItem(atPath: place.file(file(2)))
        let wrong = [
            3: try place.provided("activate", "--fingerprint", Rooms.second, "--secret-env", "SECRET", "--raw"),
            4: try place.provided("activate", "--fingerprint", Rooms.first, "--secret-env", "OTHER", "--raw"),
            5: try place.provided("deactivate", "--fingerprint", Rooms.first, "--secret-env", "SECRET", "--raw"),
            6: String(kept.dropLast(9)),
        ]
        for (number, text) in wrong { try place.write(text, to: file(number)) }
        let again = try batch(rows, "--allow-shared", in: place)
        #expect(again.status == 46)
        #expect(again.rows.map(\.["status"].string) == ["present", "sealed", "failed", "failed", "failed", "failed"])
        #expect(again.rows.map(\.["code"].string) == [nil, nil, "differs", "differs", "differs", "differs"])
        #expect(again.rows[0]["file"].string == file(1))
        #expect(try place.text(of: file(1)) == kept)
        for (number, text) in wrong { #expect(try place.text(of: file(number)) == text) }
    }

    /// A row that cannot be done says why, and the others are done.
    @Test func everyRowStandsForItself() throws {
        let place = try workplace()
        let long = String(repeating: "n", count: 200)
        let table: [(row: String, code: String?)] = [
            ("room1,activate,env:SECRET,second.pem,", nil), ("ROOM1,activate,env:SECRET,second.pem,", "duplicateRow"),
            (".room,activate,env:SECRET,x.pem,", "badDeviceName"),
            ("a/b,activate,env:SECRET,x.pem,", "badDeviceName"),
            (",populate,env:SECRET,,env:OTHER", "badDeviceName"),
            ("\(long)x,populate,env:SECRET,,env:OTHER", "badDeviceName"),
            ("\(long),populate,env:SECRET,,env:OTHER", nil),
            ("a\u{202E}b,populate,env:SECRET,,env:OTHER", "badDeviceName"),
            ("room2,boot,env:SECRET,second.pem,", "unsupportedAction"), ("room3,add,,x.pem,", "missingSecret"),
            ("room4,add,env:SECRET,,", "missingBundle"), ("room4b,deactivate,env:SECRET,,", "missingBundle"),
            ("room5,populate,env:SECRET,,", "missingSecret"), ("room6,add,env:SECRET,none.pem,", "unknown"),
            ("room7,add,env:MISSING,x.pem,", "unknown"), ("room8,activate,empty.secret,x.pem,", "emptySecret"),
            ("room9,populate,env:SECRET,,empty.secret", "emptySecret"),
            ("room10,deactivate,file:line.secret,second.pem,", nil),
        ]
        try place.write("", to: "empty.secret")
        let result = try batch(table.map { $0.row + "\n" }.joined(), "--allow-shared", in: place)
        #expect(result.status == 46)
        #expect(result.rows.map(\.["code"].string) == table.map(\.code))
        #expect(result.rows.map(\.["row"].int) == Array(2..<table.count + 2))
        #expect(
            result.errors.split(separator: "\n").count { $0.contains("error: row") } == table.count { $0.code != nil })
        #expect(result.rows.last?["warnings"].array.map(\.string) == ["endsWithNewline"])
        let names = try FileManager.default.contentsOfDirectory(atPath: place.file("out")).sorted()
        #expect(names == [".batch.lock", "\(long).populate.jwe", "room1.activate.jwe", "room10.deactivate.jwe"])
        let mode = try FileManager.default.attributesOfItem(atPath: place.file("out/room1.activate.jwe"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    /// Secrets and bundles are found beside the list, wherever the program runs; line breaks are dropped when asked.
    @Test func pathsAreRelativeToTheList() throws {
        let place = try workplace()
        try FileManager.default.createDirectory(atPath: place.file("lists"), withIntermediateDirectories: true)
        for name in ["second.pem", "line.secret"] { try place.write(try place.text(of: name), to: "lists/\(name)") }
        for name in ["second.pem", "line.secret"] { try FileManager.default.removeItem(atPath: place.file(name)) }
        try place.write(
            "Action,Name,Bundle,SECRET\nadd,room1,second.pem,line.secret\nactivate,room1,second.pem,file:line.secret\n",
            to: "lists/list.csv")
        let result = try place.provision(
            "batch", "lists/list.csv", "--out-dir", "new/out", "--strip-newline", "--cipher", "A128GCM")
        #expect(result.exitStatus == 0, "\(result.errors)")
        let lines = result.text.components(separatedBy: "\r\n")
        #expect(lines[0] == "row,name,action,status,code,message,file,fingerprint,warnings")
        #expect(lines[1] == "2,room1,add,sealed,,,new/out/room1.add.jwe,\(Rooms.second),chainNotChecked")
        #expect(lines[2] == "3,room1,activate,sealed,,,new/out/room1.activate.jwe,\(Rooms.second),")
        let opened = try place.provided("open", "new/out/room1.activate.jwe", "--secret-env", "SECRET")
        #expect(opened == Rooms.second)
        let facts = try JSON(text: place.provided("inspect", "new/out/room1.add.jwe", "--json"))["envelope"]
        #expect(facts["cipher"].string == "A128GCM")
    }

    @Test func rootsAreAskedForInEveryRow() throws {
        let place = try workplace()
        let row = "room1,add,env:SECRET,\(ec),\n"
        let wrong = try batch(row, "--roots", Rooms.pki("ca-other-root.pem"), in: place)
        #expect(wrong.rows.map(\.["code"].string) == ["untrustedIssuer"])
        #expect(try batch(row, "--roots", Rooms.pki("roots.pem"), in: place).status == 0)
    }

    @Test func listsThatAreRefusedAsAWhole() throws {
        let place = try workplace()
        for (text, reason) in [
            ("", "empty"), ("name,secret\n", "'action' is missing"), ("action,secret\n", "'name' is missing"),
            ("name,action,nmae\n", "unknown column 'nmae'"), ("name,action,name\n", "twice"),
            ("name,action\nroom1\n", "row 2 has 1 fields, the header has 2"),
        ] {
            try place.write(text, to: "bad.csv")
            try place.refuses(65, reason, "batch", "bad.csv", "--out-dir", "out")
        }
        #expect(!FileManager.default.fileExists(atPath: place.file("out")))
    }
}
