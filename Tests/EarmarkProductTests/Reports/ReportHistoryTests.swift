import Foundation
import ProgramSupport
import Testing

/// docs/report.md, "What it says": all analyses of the same file and meeting, and when the limit was decided.
@Suite struct ReportHistoryTests {
    private static let section = "All stored analyses of this file and of this meeting"
    private static let searched = "What was searched and paid for"

    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
    }

    private func keep(_ verdict: String, at date: Int, file: String = "leak.mp4") throws -> String {
        var sample = verdict == "identified" ? SampleAnswer() : SampleAnswer.ofNobody(verdict)
        sample.date = date
        sample["file"]["name"] = file
        return try sample.keep(in: place)
    }

    @Test func allAnalysesOfTheFileAreListed() throws {
        let first = try keep("not-found", at: 1_772_368_496, file: "a.mp4")
        let second = try keep("identified", at: 1_772_368_999)
        let page = try ReportPage(of: second, in: place)
        #expect(
            page.rows(in: Self.section) == [
                ["2026-03-01 12:34:56 UTC", first, "a.mp4 (the same file)", "another", "not-found", "10^−9"],
                [
                    "2026-03-01 12:43:19 UTC", second + " (this one)", "leak.mp4 (the same file)", "another",
                    "identified", "10^−9",
                ],
            ])
        #expect(page.section(Self.section).contains("the limits add up"))
        try place.succeed("report", second, "-o", "r.json")
        let history = try JSON(text: place.text(of: "r.json"))["report"]["history"]
        #expect(history["analyses"].array.map { $0["id"].string } == [first, second])
        #expect(
            history["analyses"][0]["isSameFile"].bool == true && history["firstSeen"].string == "2026-03-01T12:34:56Z")
    }

    /// One is one; and this one is in the table, however many were made after it.
    @Test func theTableHasThisOne() throws {
        let first = try keep("identified", at: 1_772_368_496)
        #expect(try ReportPage(of: first, in: place).rows(in: Self.section).count == 1)
        for index in 1...41 { _ = try keep("not-found", at: 1_772_368_496 + index) }
        try place.succeed("report", first, "-o", "many.html")
        let page = ReportPage(html: try place.text(of: "many.html"))
        let rows = page.rows(in: Self.section)
        #expect(rows.count == 40 && rows[0][1] == first + " (this one)")
        #expect(page.section(Self.section).contains("2 other ones are in the JSON form of this report."))
    }

    /// "Decided beforehand" is said where it is so, else the history.
    @Test func theLimitIsDecidedBeforehandOrItsHistoryIsTold() throws {
        let first = try keep("not-found", at: 1_772_368_496)
        try place.succeed("settings", "set", "threshold", "1e-3")
        try place.succeed("settings", "set", "threshold", "1e-9")
        let later = try keep("identified", at: Int(Date().timeIntervalSince1970) + 3_600)
        let limit = try ReportPage(of: later, in: place).value("Limit to be met", in: Self.searched)
        #expect(
            limit?.hasPrefix(
                "10^−9, not decided before this file or another recording of this meeting was first analysed "
                    + "(2026-03-01 12:34:56 UTC)") == true)
        #expect(
            limit?.contains("It was set to 10^−3 on 20") == true && limit?.contains(", then to 10^−9 on 20") == true)
        // What was decided after an analysis says nothing of it.
        let before = try ReportPage(of: first, in: place).value("Limit to be met", in: Self.searched)
        #expect(before?.hasPrefix("10^−9, decided by the organisation beforehand") == true)
    }

    /// In force is what was set last before the analysis: not what was set before that, nor what was set afterwards.
    @Test func theLimitIsInForceSinceItsLastSetting() throws {
        let place = try Workplace()
        func run(_ days: Double, _ arguments: String...) throws {
            let result = try place.run(arguments, environment: try WrongClock.environment(days: days))
            #expect(result.exitStatus == 0, "\(result.errors)")
        }
        try run(-20, "init", "--org", "Example Ltd")
        for (days, limit) in [(-10.0, "1e-6"), (-8, "1e-12"), (-6, "1e-9"), (-2, "1e-3")] {
            try run(days, "settings", "set", "threshold", limit)
        }
        var sample = SampleAnswer()
        sample.date = Int(Date().timeIntervalSince1970) - 4 * 86_400
        let id = try sample.keep(in: place)
        let settings = try place.json("audit", "list")["entries"].array.filter {
            $0["action"].string == "settings-change"
        }
        // The latest comes first.
        #expect(settings.count == 4)
        let date = try #require(settings[1]["date"].string).replacing("T", with: " ").replacing("Z", with: " UTC")
        let limit = try ReportPage(of: id, in: place).value("Limit to be met", in: Self.searched) ?? ""
        #expect(
            limit.hasPrefix("10^−9, decided by the organisation beforehand: in force since \(date)"), "\(limit)")
    }

    /// The log's order tells what came first: a clock that is set back does not, nor does a copy of the file with other
    /// bytes, nor an answer that was not kept.
    @Test func theLimitOfALookBeforeIsNotDecidedBeforehand() throws {
        let board = try Board.shared()
        func limit(_ change: (Workplace) throws -> Void) throws -> String? {
            let place = try board.workplace()
            try change(place)
            let kept = try place.answer(board.host, ["--meeting", board.meeting, "--effort", "fast"])
            return try ReportPage(of: kept["id"].string ?? "", in: place).value("Limit to be met", in: Self.searched)
        }
        let look = ["--meeting", board.meeting, "--effort", "fast"]
        let settled = try limit { try $0.succeed("settings", "set", "threshold", "1e-6") }
        #expect(settled?.hasPrefix("10^−6, decided by the organisation beforehand: in force since 20") == true)
        let ways: [(Workplace) throws -> Void] = [
            { place in
                _ = try place.answer(board.host, look)
                let early = try WrongClock.environment(days: -10)
                let set = try place.run(["settings", "set", "threshold", "1e-6"], environment: early)
                #expect(set.exitStatus == 0)
            },
            { place in
                _ = try place.answer(board.bela, look)
                try place.succeed("settings", "set", "threshold", "1e-6")
            },
            { place in
                try place.succeed(["batch", board.host, "--no-store", "--out", "r.ndjson"] + look)
                try place.succeed("settings", "set", "threshold", "1e-6")
            },
        ]
        for way in ways { #expect(try limit(way)?.hasPrefix("10^−6, not decided before this file or") == true) }
    }

    /// What another organisation of the store decides is no decision about this one's limit.
    @Test func anotherOrganisationsLimitIsNotTold() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let look = ["--meeting", board.meeting, "--effort", "fast"]
        try place.succeed("org", "add", "Other")
        _ = try place.answer(board.host, look)
        try place.succeed("settings", "set", "threshold", "1e-12", "--org", "Other")
        let kept = try place.answer(board.host, look)
        let limit = try ReportPage(of: kept["id"].string ?? "", in: place).value("Limit to be met", in: Self.searched)
        #expect(limit?.hasPrefix("10^−9, decided by the organisation beforehand") == true, "\(limit ?? "")")
        #expect(limit?.contains("10^−12") == false)
    }

    /// A deleted answer is gone from the list, and counted all the same.
    @Test func deletedAnalysesCount() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let arguments = ["--meeting", board.meeting, "--effort", "fast"]
        let deleted = try place.answer(board.host, arguments)["id"].string ?? ""
        try place.succeed("analysis", "delete", deleted, "--yes")
        let kept = try place.answer(board.host, arguments)
        #expect(kept["made"]["ofMeeting"].int == 2 && kept["made"]["inStore"].int == 2)
        let page = try ReportPage(of: kept["id"].string ?? "", in: place)
        #expect(page.rows(in: Self.section).count == 1)
        #expect(page.section(Self.section).contains("2 analyses had been made against this meeting, 2 with this store"))
    }

    /// Who is which endpoint is what the roster says: what was changed since the meeting began is told apart, and what
    /// was changed after the analysis is none of it.
    @Test func changesOfTheRecordsAreTold() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let later = Board.time(board.startsAt + 6 * 3_600)
        try place.succeed("meeting", "create", "--title", "Later", "--start", later)
        func add(_ email: String, to meeting: String) throws {
            try place.succeed(
                "client", "add", "--meeting", meeting, "--participant", email, "--email", email, "--device", "phone")
        }
        func rows(_ meeting: String, thenAdding late: String) throws -> [[String]] {
            let kept = try place.answer(board.host, ["--meeting", meeting, "--effort", "fast"])
            try add(late, to: meeting)
            return try ReportPage(of: kept["id"].string ?? "", in: place)
                .rows(in: "What was done with the records of this meeting").map { [$0[0], $0[1], $0[4]] }
        }
        try add("yves@example.org", to: "Later")
        try add("xenia@example.org", to: "Later")
        #expect(
            try rows("Later", thenAdding: "wim@example.org") == [
                ["enrolled, with its roster", "1", "before it began"],
                ["endpoints added to the roster", "2", "before it began"],
            ])
        try place.succeed("meeting", "edit", "Later", "--start", Board.time(board.startsAt - 7_200))
        #expect(
            try rows("Later", thenAdding: "vera@example.org") == [
                ["enrolled, with its roster", "1", "after it began"],
                ["endpoints added to the roster", "3", "after it began"],
                ["title or times changed", "1", "after it began"],
            ])
    }

    /// docs/report.md, "Made again, it is the same": when this file was first analysed, and not another of its meeting.
    @Test func aFileIsFirstSeenWhenItWasItself() throws {
        let created = try place.json("meeting", "create", "--title", "T", "--start", "now")
        let meeting = created["meeting"]["id"].string ?? ""
        func keep(_ digit: String, at date: Int) throws -> String {
            var sample = SampleAnswer.ofNobody("not-found")
            sample.date = date
            sample["meeting"]["id"] = meeting
            let sha256 = String(repeating: digit, count: 64)
            sample["file"]["sha256"] = sha256
            let id = try sample.keep(in: place)
            try StoreDatabase(place).plant(
                "UPDATE analyses SET meetingID = meetingReference, sha256 = '\(sha256)' WHERE id = '\(id)'")
            return id
        }
        let other = try keep("b", at: 1_772_368_496)
        let (first, again) = (try keep("c", at: 1_772_368_999), try keep("c", at: 1_772_369_000))
        for (id, seen) in [(other, "12:34:56"), (first, "12:43:19"), (again, "12:43:19")] {
            try place.succeed("report", id, "-o", "\(id).json")
            let history = try JSON(text: place.text(of: "\(id).json"))["report"]["history"]
            #expect(history["firstSeen"].string == "2026-03-01T\(seen)Z")
            #expect(history["firstLook"].string == "2026-03-01T12:34:56Z")
            #expect(history["analyses"].array.map { $0["id"].string } == [other, first, again])
            let same = id == other ? [other] : [first, again]
            let said = history["analyses"].array.filter { $0["isSameFile"].bool == true }
            #expect(said.map { $0["id"].string } == same)
        }
    }
}
