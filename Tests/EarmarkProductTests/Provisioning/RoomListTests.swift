import Foundation
import ProgramSupport
import Testing

/// Lists as people make them, by copying cells down: docs/provisioning.md, "A mistake is named with its row and device
/// and harms no other".
@Suite struct RoomListTests {
    private func batch(
        _ list: String, _ arguments: String..., in place: Workplace
    ) throws -> (rows: [JSON], status: Int32, errors: String) {
        try place.write(list, to: "devices.csv")
        let result = try place.provision(["batch", "devices.csv", "--out-dir", "out", "--json"] + arguments)
        return (try JSON(text: result.text)["devices"].array, result.exitStatus, result.errors)
    }

    private func codes(_ rows: [JSON]) -> [String?] { rows.map(\.["code"].string) }

    private func exists(_ name: String, in place: Workplace) -> Bool {
        FileManager.default.fileExists(atPath: place.file(name))
    }

    /// A file that a step writes and something else needs is refused before anything is written; a file that bears a
    /// device's name is that device's.
    @Test func filesThatWouldBeOverwrittenAreRefused() throws {
        let header = "name,action,secret,new_secret,key,request,bundle\n"
        for (list, expected) in [
            // A request would take the place of its key.
            ("room1,request,,,a.pem,a.pem,\n", ["sharedFile"]),
            ("room1,generate request,a.x,,a.x,a.csr,\n", ["sharedFile", "earlierStepFailed"]),
            // Two devices would have one key, or one secret.
            ("room1,request,,,a.key,a.csr,\nroom2,request,,,a.key,b.csr,\n", ["sharedFile", "sharedFile"]),
            ("room1,request,,,a.key,a.csr,\nroom2,request,,,b.key,a.csr,\n", ["sharedFile", "sharedFile"]),
            ("room1,generate,a.x,,,,\nroom2,generate,./a.x,,,,\n", ["sharedFile", "sharedFile"]),
            ("room1,rotate,env:SECRET,n.x,,,\nroom2,rotate,env:OTHER,n.x,,,\n", ["sharedFile", "sharedFile"]),
            ("room1,request,,,room1.key,a.csr,\nroom2,request,,,room1.key,b.csr,\n", [nil, "sharedFile"]),
            // Several devices may take a secret that one row makes, and a bundle may hold its key.
            ("room1,generate,k.x,,,,\nroom2,first,k.x,,,,\n", [nil, nil]),
            ("room1,request,,,a.pem,a.csr,a.pem\n", [nil]),
        ] as [(String, [String?])] {
            let place = try Workplace()
            try place.write(Rooms.secret, to: "k.x")
            let result = try batch(header + list, in: place)
            #expect(codes(result.rows) == expected, "\(list): \(result.errors)")
            guard !expected.contains(nil) else { continue }
            for name in ["a.pem", "a.x", "a.key", "a.csr", "b.key", "b.csr", "n.x"] {
                #expect(!exists(name, in: place), "\(list): \(name)")
            }
        }
        let place = try Workplace()
        let named = try batch(header + "one,request,,,a.key,a.csr,\ntwo,request,,,b.key,a.csr,\n", in: place)
        #expect(named.errors.contains("row 2 ('one'), column 'request'; row 3 ('two'), column 'request'"))
    }

    /// A secret that shall be replaced by a random one is not replaced by itself.
    @Test func rotationNeedsAnotherSecret() throws {
        let place = try Workplace()
        try place.write(Rooms.secret, to: "old.secret")
        try place.write(Rooms.secret, to: "new.secret")
        let list = "name,action,secret,new_secret\nroom1,rotate,old.secret,new.secret\n"
        #expect(codes(try batch(list, in: place).rows) == ["sameSecret"])
        let chosen = try batch(list.replacing("rotate", with: "populate"), in: place).rows
        #expect(chosen[0]["status"].string == "sealed")
        #expect(chosen[0]["warnings"].array.contains { $0.string == "sameSecret" })
    }

    /// Two certificates for one private key are as bad as one certificate for two devices.
    @Test func sharedKeysAreNamed() throws {
        let place = try RoomForms.made.get().place
        let list = """
            name,action,secret,bundle,key
            here,add,env:SECRET,room.crt,room.key
            there,add,env:OTHER,by-RSA.crt,room.key

            """
        try place.write(list, to: "shared.csv")
        let command = ["batch", "shared.csv", "--out-dir", "shared-out", "--json"]
        let refused = try place.provision(command)
        #expect(codes(try JSON(text: refused.text)["devices"].array) == ["sharedCertificate", "sharedCertificate"])
        #expect(refused.errors.contains("this private key, in certificates of their own, row 2 ('here') and row 3"))
        #expect(try place.provision(command + ["--allow-shared"]).exitStatus == 0)
    }

    /// Blanks around cells and letters' cases make no other device; its files bear the name as it is spelled first.
    @Test func namesAreTakenAsTheyAreMeant() throws {
        let place = try Workplace()
        let bundle = Rooms.pki("bundle-chain-key.pem")
        let list = """
            name,action,secret,bundle
            Room1 ," Activate, add", env:SECRET,\(bundle)\u{A0}
            room1,First,env:SECRET,

            """
        let done = try batch(list, "--paste-dir", "paste", in: place)
        #expect(done.status == 0, "\(done.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.file("out")).sorted()
        #expect(names == [".batch.lock", "Room1.activate.jwe", "Room1.add.jwe", "Room1.first.txt"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.file("paste")) == ["Room1.txt"])
        #expect(try place.provision("simulate", "paste/Room1.txt", "--state", "device").exitStatus == 0)
        let asked = try place.provision(
            ["simulate", "--state", "device"], input: "xStatus Conference EndToEndEncryption\n")
        try FileManager.default.createDirectory(atPath: place.file("answers"), withIntermediateDirectories: true)
        try place.write(asked.text, to: "answers/Room1.txt")
        let compared = try place.provision("compare", "answers", "--list", "devices.csv", "--json")
        #expect(compared.exitStatus == 0, "\(compared.errors)")
        #expect(try JSON(text: compared.text)["devices"].array.count == 1)
    }

    /// A device whose files would bear the names of another's is refused.
    @Test func namesOfOtherFilesAreRefused() throws {
        let place = try Workplace()
        let list =
            "name,action,secret\nroom1,first,env:SECRET\nroom1.console,first,env:OTHER\n"
            + "Room1.First,first,env:OTHER\nroom1.console2,first,env:OTHER\n"
        let done = try batch(list, "--paste-dir", "paste", in: place)
        #expect(codes(done.rows) == [nil, "badDeviceName", "badDeviceName", nil])
    }

    /// Of a device that fails nothing is left to paste, in whatever form it was written.
    @Test func failingDeviceHasNoLinesInAnyForm() throws {
        let place = try Workplace()
        func list(_ secret: String) -> String {
            "name,action,secret,device\nroom1,reset,\(secret),one\nroom2,reset,env:SECRET,two\n"
        }
        for form in ["terminal", "putxml", "rest", "json-rpc"] {
            #expect(try batch(list("env:SECRET"), "--paste-dir", "paste", "--form", form, in: place).status == 0)
        }
        #expect(try batch(list("env:OTHER"), "--paste-dir", "paste", in: place).rows[0]["code"].string == "differs")
        let left = try FileManager.default.contentsOfDirectory(atPath: place.file("paste")).sorted()
        #expect(left == ["room2.json-rpc", "room2.putxml", "room2.rest", "room2.txt"])
    }

    /// A list that asks for nothing is no success.
    @Test func nothingToDoIsNoSuccess() throws {
        let place = try Workplace()
        for (list, reason) in [
            ("name,action\n", "has no row below its header"),
            ("name,action,secret\nroom1,reset,env:SECRET\n", "has none of the steps"),
        ] {
            try place.write(list, to: "devices.csv")
            try place.refuses(65, reason, "batch", "devices.csv", "--out-dir", "out", "--steps", "add")
        }
    }

    /// Why a file cannot be written or read is said without its name, which may be a secret.
    @Test func systemsReasonIsGiven() throws {
        let place = try Workplace()
        let list = "name,action,secret\nroom1,generate,absent/hunter2.secret\nroom2,first,hunter2/\n"
        try FileManager.default.createDirectory(atPath: place.file("hunter2"), withIntermediateDirectories: true)
        let result = try batch(list, in: place)
        #expect(codes(result.rows) == ["inputOutput", "inputOutput"])
        #expect(result.errors.contains("cannot be written (there is no such folder)"))
        #expect(result.errors.contains("cannot be read: Is a directory"))
        #expect(!result.errors.contains("hunter2") && !result.errors.contains("absent"))
    }
}
