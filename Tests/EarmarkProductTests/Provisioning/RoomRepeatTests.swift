import Foundation
import ProgramSupport
import Testing

/// `earmark provision batch --help`: "A run that was interrupted is simply started again: what is there already is
/// opened and compared, not made twice".
@Suite struct RoomRepeatTests {
    private func batch(
        _ list: String, _ arguments: String..., in place: Workplace
    ) throws -> (rows: [JSON], status: Int32, errors: String) {
        try place.write(list, to: "devices.csv")
        let result = try place.provision(["batch", "devices.csv", "--out-dir", "out", "--json"] + arguments)
        return (try JSON(text: result.text)["devices"].array, result.exitStatus, result.errors)
    }

    /// The line with a first secret that is there already must be that of the same secret.
    @Test func firstLineThatIsThereIsCompared() throws {
        let place = try Workplace()
        func first(_ variable: String) throws -> JSON {
            let run = try batch("name,action,secret\nroom1,first,env:\(variable)\n", in: place)
            #expect((run.status == 46) == (run.rows[0]["status"].string == "failed"))
            return run.rows[0]
        }
        #expect(try first("SECRET")["status"].string == "made")
        let line = try place.text(of: "out/room1.first.txt")
        #expect(try first("SECRET")["status"].string == "present")
        let other = try first("OTHER")
        #expect(other["status"].string == "failed" && other["code"].string == "differs")
        #expect(try place.text(of: "out/room1.first.txt") == line)
        for damaged in [String(line.dropLast(3)), line + line, "x"] {
            try place.write(damaged, to: "out/room1.first.txt")
            #expect(try first("SECRET")["code"].string == "differs", "\(damaged)")
            #expect(try place.text(of: "out/room1.first.txt") == damaged)
        }
        // What a run that was killed left empty is made.
        try place.write("", to: "out/room1.first.txt")
        #expect(try first("SECRET")["status"].string == "made")
        #expect(try place.text(of: "out/room1.first.txt") == line)
    }

    /// A request that is there already must be for all of the names and for the key; it is neither taken nor
    /// overwritten otherwise.
    @Test func requestThatIsThereIsCompared() throws {
        let place = try Workplace()
        let header = "name,action,key,request,common_name,alternative_names\n"
        func request(_ common: String, _ names: String) throws -> JSON {
            try batch(header + "room1,request,room1.key,room1.csr,\(common),\(names)\n", in: place).rows[0]
        }
        let names = "DNS:room1.example.com email:room1@example.com IP:192.0.2.7"
        #expect(try request("Room 1", names)["status"].string == "made")
        let made = try place.text(of: "room1.csr")
        #expect(try request("Room 1", names)["status"].string == "present")
        for (common, others) in [
            ("Room 1", "DNS:room2.example.com email:room1@example.com IP:192.0.2.7"),
            ("Room 1", "DNS:room1.example.com email:room1@example.com"), ("Room 1", names + " DNS:more.example.com"),
            ("Room 1", "URI:https://room1.example.com email:room1@example.com IP:192.0.2.7"), ("Room 1", ""),
            ("Room 2", names), ("", names),
        ] {
            let row = try request(common, others)
            #expect(row["status"].string == "failed" && row["code"].string == "differs", "\(common), \(others)")
        }
        let key = try place.text(of: "room1.key")
        try place.write(try Rooms.text("device-ec.key.pem"), to: "room1.key")
        #expect(try request("Room 1", names)["code"].string == "differs")
        try place.write(key, to: "room1.key")
        #expect(try place.text(of: "room1.csr") == made)
        #expect(try request("Room 1", names)["status"].string == "present")
        // A request without further names gets none by itself.
        let plain = header + "room3,request,room3.key,room3.csr,,\n"
        #expect(try batch(plain, in: place).rows[0]["status"].string == "made")
        #expect(try batch(plain, in: place).rows[0]["status"].string == "present")
        let more = header + "room3,request,room3.key,room3.csr,,DNS:room3.example.com\n"
        #expect(try batch(more, in: place).rows[0]["code"].string == "differs")
    }

    /// Half of a file that a killed run was writing may hold a first secret: it goes with the next run, in every form.
    @Test(
        arguments: [
            ("terminal", [".txt"]), ("putxml", [".putxml"]), ("json-rpc", [".json-rpc"]),
            ("rest", [".rest", ".console.txt"]),
        ])
    func leftoversGo(form: String, endings: [String]) throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.file("paste"), withIntermediateDirectories: true)
        for ending in endings { try place.write(Rooms.secret, to: "paste/room9\(ending).new-1k2") }
        // It is nobody's leftover.
        try place.write("mine", to: "paste/notes.new-1k2")
        let list = "name,action,secret,device\nroom1,first,env:SECRET,cloud-1\n"
        let run = try batch(list, "--paste-dir", "paste", "--form", form, in: place)
        #expect(run.status == 0, "\(run.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.file("paste")).sorted()
        let own = "room1\(endings[endings.count - 1])"
        #expect(names == ["notes.new-1k2", own])
    }
}
