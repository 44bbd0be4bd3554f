import Foundation
import ProgramSupport
import Testing

/// docs/file-formats.md, "Results on standard output" and "Exit statuses": meetings and clients.
@Suite struct MeetingVerbTests {
    @Test func aMeetingIsShownAsItWasEnrolled() throws {
        let store = try StorePlace("--retention", "30")
        let before = Int(Date().timeIntervalSince1970)
        let made = try store.place.json(
            "meeting", "create", "--title", "Board, monthly", "--start", Board.time(StorePlace.start), "--duration",
            "1h30m", "--host", "Ada@Example.org", "--roster", "roster.csv")["meeting"]
        let id = made["id"].string ?? ""
        #expect(id.wholeMatch(of: /m_[a-z2-7]{16}/) != nil)
        let shown = try store.place.json("meeting", "show", id)
        for meeting in [made, shown["meeting"], try store.place.json("meeting", "list")["meetings"][0]] {
            #expect(meeting["title"].string == "Board, monthly" && meeting["id"].string == id)
            #expect(meeting["organisation"].string?.hasPrefix("o_") == true)
            #expect(meeting["start"].string == Board.time(StorePlace.start))
            #expect(meeting["durationSeconds"].int == 5_400 && meeting["host"].string == "Ada@Example.org")
            #expect(meeting["watermark"].bool == true && meeting["marked"].bool == true)
            #expect(meeting["state"].string == "available" && meeting["clients"].int == 4)
            #expect(meeting["expires"].string == Board.time(StorePlace.start + 5_400 + 30 * StorePlace.day))
            let created = try #require(meeting["created"].string)
            #expect(created >= Board.time(before) && created <= Board.time(Int(Date().timeIntervalSince1970)))
        }
        #expect(
            shown["clients"].array.map { $0["email"].string } == [
                "dario@example.org", "ada@example.org", "ada@example.org", "bela@example.org",
            ])
        let text = try store.place.succeed("meeting", "show", id)
        let values = StorePlace.values(text)
        #expect(values["meeting"] == id && values["title"] == "Board, monthly" && values["duration"] == "1h30m")
        #expect(values["host"] == "Ada@Example.org" && values["state"] == "available" && values["watermark"] == "on")
        #expect(values["expires"] == Board.time(StorePlace.start + 5_400 + 30 * StorePlace.day))
        #expect(values["clients"] == "4" && text.contains("dario@example.org"))
    }

    @Test(arguments: [
        ("2h", 7_200, "2h"), ("90m", 5_400, "1h30m"), ("1h1m1s", 3_661, "1h1m1s"), ("45s", 45, "45s"),
        ("86400", 86_400, "24h"), ("1", 1, "1s"),
    ]) func durationsAreRead(text: String, seconds: Int, shown: String) throws {
        let store = try StorePlace()
        let id = try store.enrol("--duration", text)
        let meeting = try store.place.json("meeting", "show", id)["meeting"]
        #expect(meeting["durationSeconds"].int == seconds)
        let row = StorePlace.rows(try store.place.succeed("meeting", "list")).first
        #expect(row == [id, Board.time(StorePlace.start), shown, "available", "4", "Board"])
    }

    /// A day is that of the user's own zone: at any time one of these two has another date than UTC.
    @Test(arguments: ["Etc/GMT+12", "Pacific/Kiritimati"], [("yesterday", -1), ("today", 0), ("tomorrow", 1)])
    func todayIsTheUsersDay(zone: String, day: (word: String, offset: Int)) throws {
        let store = try StorePlace()
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: zone)
        formatter.dateFormat = "yyyy-MM-dd HH:mm"
        // Neither of them changes its clocks.
        func due() -> String {
            formatter.string(from: Date() + Double(day.offset * StorePlace.day)).prefix(10) + " 12:00"
        }
        let before = due()
        let made = try store.place.run(
            ["meeting", "create", "--title", "Today", "--start", "\(day.word) 12:00", "--json"],
            environment: ["TZ": zone])
        let text = try #require(try JSON(text: made.text)["meeting"]["start"].string)
        let start = formatter.string(from: try #require(ISO8601DateFormatter().date(from: text)))
        #expect([before, due()].contains(start), "\(start)")
    }

    @Test func meetingsOfTwoOrganisationsAreApartAndLatestFirst() throws {
        let store = try StorePlace()
        let second = try store.place.json("org", "add", "Other", "--retention", "7")["organisation"]["id"].string ?? ""
        var ids: [String] = []
        for (offset, organisation) in [(0, "example LTD"), (60, second), (30, "Example Ltd"), (90, "other")] {
            ids.append(try store.enrol(start: StorePlace.start + offset, "--org", organisation))
        }
        func list(_ organisation: String) throws -> [String?] {
            try store.place.json("meeting", "list", "--org", organisation)["meetings"].array.map { $0["id"].string }
        }
        #expect(try list("Example Ltd") == [ids[2], ids[0]])
        #expect(try list(second) == [ids[3], ids[1]])
        #expect(try store.status("meeting", "list") == 65)
        #expect(try store.status("meeting", "list", "--org", "Nobody") == 66)
        #expect(try store.status("meeting", "show", ids[1], "--org", "Example Ltd") == 66)
        #expect(try store.status("meeting", "show", ids[1], "--org", "Other") == 0)
        let expires = try store.place.json("meeting", "show", ids[1])["meeting"]["expires"].string
        #expect(expires == Board.time(StorePlace.start + 60 + 7_200 + 7 * StorePlace.day))
        // The organisation named decides whose setting changes.
        try store.place.succeed("settings", "set", "watermarking", "off", "--org", "Other")
        #expect(try store.place.json("meeting", "show", ids[0])["meeting"]["state"].string == "available")
        let off = try store.place.json("meeting", "show", ids[1])["meeting"]
        #expect(off["state"].string == "watermarking-off" && off["marked"].bool == false)
        #expect(off["watermark"].bool == true, "its own switch is on")
        #expect(StorePlace.values(try store.place.succeed("meeting", "show", ids[1]))["watermark"] == "off")
    }

    /// Statuses 10 to 13, by every verb that needs a key.
    @Test func statesEndVerbsWithTheirStatus() throws {
        let store = try StorePlace()
        let place = store.place
        try Media.wav([[Float](repeating: 0, count: 16_000)], rate: 16_000).write(
            to: place.folder.url.appendingPathComponent("a.wav"))
        try place.succeed("org", "domain", "add", "example.org")
        let foreign = try store.enrol("--host", "eve@elsewhere.example")
        let sub = try store.enrol("--host", "eve@sub.example.org")
        let own = try store.enrol("--host", "ADA@EXAMPLE.ORG")
        let off = try store.enrol("--watermark", "off")
        #expect(try store.status("analyze", "a.wav", "--meeting", foreign) == 10)
        #expect(try store.status("analyze", "a.wav", "--meeting", sub) == 10)
        #expect(try store.status("analyze", "a.wav", "--meeting", own) == 22, "too short, but its own")
        #expect(try store.status("analyze", "a.wav", "--meeting", off) == 12)
        #expect(try store.status("ticket", "issue", "--meeting", off, "--client", "bela@example.org", "-o", "x") == 12)
        #expect(
            try store.status("embed", "a.wav", "b.wav", "--meeting", own, "--client", "dario@example.org", "--at", "0")
                == 13)
        let late = StorePlace.start - 361 * StorePlace.day
        let gone = try store.enrol(start: late, "--hold", "to be released")
        try place.succeed("retention", "release", gone, "--yes")
        let result = try place.run("analyze", "a.wav", "--meeting", gone)
        #expect(result.exitStatus == 11)
        #expect(result.errors.contains("earmark: purged 1 meeting whose retention has run out"))
        #expect(try store.status("analyze", "a.wav", "--meeting", "m_aaaaaaaaaaaaaaaa") == 66)
    }

    @Test func importedMeetingsHaveAllTheirMembers() throws {
        let store = try StorePlace()
        let time = Board.time(StorePlace.start)
        try store.place.write(
            """
            {"title": "One", "start": "\(time)", "duration": "90m", "host": "h@example.org", "watermark": "off"}

            {"title": "Two", "start": "\(time)", "watermark": "on", "clients": [\
            {"participant": "A", "email": "a@example.org", "device": "d", "kind": "room"}, \
            {"participant": "B", "email": "b@example.org", "device": "e"}]}

            """, to: "many.ndjson")
        let made = try store.place.json("meeting", "import", "many.ndjson")["meetings"].array
        #expect(made.map { $0["title"].string } == ["One", "Two"])
        #expect(made.map { $0["durationSeconds"].int } == [5_400, 7_200])
        #expect(made.map { $0["marked"].bool } == [false, true] && made.map { $0["clients"].int } == [0, 2])
        #expect(made[0]["host"].string == "h@example.org" && made[1]["host"].isAbsent)
        let clients = try store.place.json("client", "list", "--meeting", made[1]["id"].string ?? "")["clients"].array
        #expect(clients.map { $0["kind"].string } == ["room", "desktop"])
        #expect(clients.map { $0["device"].string } == ["d", "e"])
        for (line, part) in [
            (#"{"title": "T", "start": "\#(time)", "duration": "long"}"#, "line 2: 'duration'"),
            (#"{"title": "T", "start": "\#(time)", "watermark": "maybe"}"#, "line 2: 'watermark'"),
            (
                #"{"title":"T","start":"\#(time)","clients":[{"participant":"A","email":"a@x","device":"d","#
                    + #""kind":"x"}]}"#,
                "line 2: client kind 'x'"
            ),
            (
                #"{"title":"T","start":"\#(time)","clients":[{"participant":"A","email":"a@x","device":"d","x":"x"}]}"#,
                "line 2: has an unknown member 'x'"
            ), ("[]", "line 2: is not an object"),
        ] {
            try store.place.write("{\"title\": \"Good\", \"start\": \"\(time)\"}\n\(line)\n", to: "bad.ndjson")
            let result = try store.place.run("meeting", "import", "bad.ndjson")
            #expect(result.exitStatus == 65 && result.errors.contains(part), "\(result.errors)")
        }
        try store.place.write("\n", to: "bad.ndjson")
        #expect(try store.status("meeting", "import", "bad.ndjson") == 65)
        #expect(try store.place.json("meeting", "list")["meetings"].array.count == 2, "all or none")
    }
}

/// docs/file-formats.md, "Rosters", and `client`.
@Suite struct ClientVerbTests {
    @Test func clientsAreListedAsEnrolled() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        try store.place.succeed(
            "client", "add", "--meeting", meeting, "--participant", "Cara Costa", "--email", "cara@example.org",
            "--device", "desk", "--kind", "SIP")
        try store.place.succeed(
            "client", "add", "--meeting", meeting, "--participant", "Ada Abbott", "--email", "ada@example.org",
            "--device", "pad")
        let clients = try store.place.json("client", "list", "--meeting", meeting)["clients"].array
        #expect(clients.map { $0["device"].string } == ["browser", "laptop", "phone", "13 inch", "desk", "pad"])
        #expect(clients.map { $0["kind"].string } == ["web", "desktop", "mobile", "desktop", "sip", "desktop"])
        #expect(clients.map { $0["canCarryMark"].bool } == [false, true, true, true, false, true])
        #expect(clients.map { $0["participant"].string?.first } == ["D", "A", "A", "B", "C", "A"])
        #expect(clients.allSatisfy { $0["meeting"].string == meeting && $0["presence"].array.isEmpty })
        #expect(clients.allSatisfy { $0["id"].string?.wholeMatch(of: /c_[a-z2-7]{16}/) != nil })
        let rows = StorePlace.rows(try store.place.succeed("client", "list", "--meeting", meeting))
        #expect(
            rows[0] == [
                clients[0]["id"].string ?? "", "Dario Demir", "dario@example.org", "browser", "web", "no",
            ])
        #expect(rows.map(\.last) == ["no", "yes", "yes", "yes", "no", "yes"])
    }

    @Test func presenceIsTheClientsOwn() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let clients = try store.clients(of: meeting)
        func event(_ verb: String, _ client: String, _ second: Int) throws -> Int32 {
            try store.status(
                "client", verb, "--meeting", meeting, "--client", client, "--at",
                Board.time(StorePlace.start + second))
        }
        #expect(try event("leave", clients[3], 1) == 65)
        #expect(try event("join", "BELA@example.org", 10) == 0)
        #expect(try event("join", clients[3], 11) == 65)
        #expect(try event("join", clients[1], 12) == 0)
        #expect(try event("leave", clients[3], 9) == 65)
        #expect(try event("leave", clients[3], 10) == 0)
        #expect(try event("join", clients[3], 9) == 65)
        #expect(try event("join", clients[3], 10) == 0)
        #expect(try event("join", "ada@example.org", 20) == 65, "two devices")
        #expect(try event("join", "eve@example.org", 20) == 66)
        let list = try store.place.json("client", "list", "--meeting", meeting)["clients"].array
        let time = Board.time(StorePlace.start + 10)
        #expect(list[3]["presence"].array.map { $0["joined"].string } == [time, time])
        #expect(list[3]["presence"].array.map { $0["left"].string } == [time, nil])
        #expect(list[1]["presence"][0]["joined"].string == Board.time(StorePlace.start + 12))
        #expect(list[1]["presence"][0]["left"].isAbsent && list[2]["presence"].array.isEmpty)
    }

    /// A second meeting of a title and about the same start is enrolled, as after a lost answer, and told.
    @Test func meetingsEnrolledTwiceAreTold() throws {
        let store = try StorePlace()
        func isTold(_ title: String, _ start: Int) throws -> Bool {
            let result = try store.place.run("meeting", "create", "--title", title, "--start", Board.time(start))
            #expect(result.exitStatus == 0, "\(result.errors)")
            return result.errors.contains("there is a meeting of this title and start already: m_")
        }
        #expect(try isTold("Board", StorePlace.start) == false)
        #expect(try isTold("Board", StorePlace.start))
        #expect(try isTold("BOARD", StorePlace.start + 600), "ten minutes later")
        #expect(try isTold("Board", StorePlace.start - 601) == false)
        #expect(try isTold("Council", StorePlace.start) == false)
        #expect(try store.place.json("meeting", "list")["meetings"].array.count == 5)
    }

    /// docs/file-formats.md, "Rosters": at most 16 MiB; of a longer one nobody is enrolled, and none is cut short.
    @Test(arguments: [(16_777_216, 0 as Int32), (16_777_217, 65)])
    func longRostersAreReadWholeOrRefused(count: Int, status: Int32) throws {
        let store = try StorePlace()
        let (start, end) = ("participant,email,", "device\nAda,ada@example.org,laptop\n")
        let blanks = String(repeating: " ", count: count - start.utf8.count - end.utf8.count)
        try store.place.write(start + blanks + end, to: "roster.csv")
        let result = try store.place.run(
            "meeting", "create", "--title", "Long", "--start", Board.time(StorePlace.start), "--roster", "roster.csv")
        #expect(result.exitStatus == status, "\(result.errors)")
        #expect(status == 0 || result.errors.contains("'roster.csv' is larger than 16777216 bytes"))
        let clients = try store.place.json("meeting", "list")["meetings"].array.map { $0["clients"].int }
        #expect(clients == (status == 0 ? [1] : []))
    }
}
