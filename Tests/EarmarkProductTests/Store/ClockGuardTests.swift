import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "Clocks": one that is far ahead purges nothing until somebody confirms it, one that is behind is
/// remarked, and no meeting is enrolled only to be purged.
@Suite struct ClockGuardTests {
    private let store: StorePlace
    private var place: Workplace { store.place }
    private let meeting: String

    init() throws {
        store = try StorePlace("--retention", "1")
        meeting = try store.enrol()
    }

    private func run(_ days: Double, _ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: WrongClock.environment(days: days))
    }

    private func isThere() throws -> Bool {
        try place.json("meeting", "list")["meetings"].array.contains { $0["id"].string == meeting }
    }

    private func actions(_ name: String) throws -> [JSON] {
        try place.json("audit", "list")["entries"].array.filter { $0["action"].string == name }
    }

    @Test func aClockFarAheadPurgesNothing() throws {
        for _ in 0..<2 {
            let list = try run(40, "meeting", "list")
            #expect(list.exitStatus == 0 && list.text.contains(meeting))
            #expect(list.errors.contains("are not purged: the clock says"))
            #expect(list.errors.contains("earmark retention clock --confirm"), "\(list.errors)")
        }
        // What is due by that clock is not analysed either, and nothing that is written resets the doubt.
        try place.write("no recording", to: "a.txt")
        #expect(try run(40, "analyze", "a.txt", "--meeting", meeting).exitStatus == 11)
        #expect(try run(40, "settings", "set", "max-bytes", "5000").exitStatus == 0)
        let purge = try run(40, "retention", "purge")
        #expect(purge.exitStatus == 78 && purge.errors.contains("40 days after the log's last entry"))
        #expect(try isThere() && actions("clock-ahead").count == 1 && actions("purge").isEmpty)
    }

    @Test func aConfirmedClockPurges() throws {
        #expect(try run(40, "meeting", "list").errors.contains("not purged"))
        #expect(try run(40, "retention", "clock", "--confirm").exitStatus == 0)
        let list = try run(40, "meeting", "list")
        #expect(list.errors.contains("purged 1 meeting") && !list.text.contains(meeting))
        #expect(try actions("clock-confirm").count == 1)
    }

    /// Set right again, the clock needs no confirmation, and is believed for as long as ever.
    @Test func aClockThatIsSetBackIsBelieved() throws {
        _ = try run(40, "meeting", "list")
        let list = try run(20, "meeting", "list")
        #expect(list.errors.contains("purged 1 meeting"), "\(list.errors)")
        #expect(try actions("clock-confirm").count == 1 && !isThere())
    }

    @Test func aClockWithinTheGuardPurges() throws {
        let list = try run(29, "meeting", "list")
        #expect(list.errors.contains("purged 1 meeting"))
        #expect(try !isThere())
    }

    @Test func theGuardIsASetting() throws {
        #expect(try place.json("retention", "clock")["clockGuardDays"].int == 30)
        #expect(try place.json("retention", "clock", "--guard", "60")["clockGuardDays"].int == 60)
        #expect(try run(40, "meeting", "list").errors.contains("purged 1 meeting"))
        for days in ["0", "36501", "-1"] {
            #expect([64, 65].contains(try store.status("retention", "clock", "--guard", days)))
        }
        let logged = try actions("settings-change").first?["details"]["clockGuardDays"].string
        #expect(logged == "60")
    }

    @Test func aClockThatIsBehindIsRemarked() throws {
        #expect(try run(-2, "settings", "set", "max-bytes", "5000").exitStatus == 0)
        try place.succeed("settings", "set", "max-bytes", "6000")
        let changes = try actions("settings-change").reversed().map { $0["details"]["clockBehind"].string }
        let seconds = changes.first.flatMap { $0 }.flatMap { Int($0.dropLast(2)) } ?? 0
        #expect(abs(seconds - 172_800) < 600 && changes.count == 2 && changes[1] == nil, "\(changes)")
    }

    @Test func aMeetingThatWouldBeDueIsRefused() throws {
        let arguments = ["meeting", "create", "--title", "Old", "--start", "2020-01-01T00:00Z"]
        let refused = try place.run(arguments)
        #expect(refused.exitStatus == 11 && refused.errors.contains("'Old' would be purged at once"))
        #expect(refused.errors.contains("its retention of 1 day ran out at 2020-01-02T02:00:00Z"))
        #expect(refused.errors.contains("--hold REASON"))
        // A second before it would be due it is taken.
        let held = try place.json(arguments + ["--hold", "Case 12"])["meeting"]
        #expect(held["state"].string == "available")
        let holds = try place.json("retention", "status")["retention"]["holds"].array
        #expect(holds.map(\.["subject"].string) == [held["id"].string] && holds[0]["reason"].string == "Case 12")
        #expect(try actions("meeting-create").first?["details"]["hold"].string == "Case 12")
        #expect(try store.status("store", "check") == 0)
        #expect(try place.run(arguments + ["--hold", ""]).exitStatus == 65)
    }

    @Test func anOldMeetingOfAnImportIsNamed() throws {
        let new = #"{"title": "New", "start": "\#(Board.time(StorePlace.start))"}"#
        let old = #"{"title": "Old", "start": "2020-01-01T00:00Z"}"#
        try place.write("\(new)\n\(old)\n", to: "meetings.jsonl")
        let refused = try place.run("meeting", "import", "meetings.jsonl")
        #expect(refused.exitStatus == 11 && refused.errors.contains("meeting 2: the meeting 'Old' would be purged"))
        #expect(try place.json("meeting", "list")["meetings"].array.count == 1)
        let held = #"{"title": "Old", "start": "2020-01-01T00:00Z", "hold": "Case 12"}"#
        try place.write("\(new)\n\(held)\n", to: "meetings.jsonl")
        #expect(try place.json("meeting", "import", "meetings.jsonl")["meetings"].array.count == 2)
        #expect(try place.json("retention", "status")["retention"]["holds"].array.count == 1)
    }

    /// The last that was set counts, and is what `audit verify` finds in the log.
    @Test func theGuardMayBeSetAgain() throws {
        for days in ["60", "35", "30", "36500", "31"] {
            #expect(try place.json("retention", "clock", "--guard", days)["clockGuardDays"].int == Int(days))
            #expect(try place.json("audit", "verify")["problems"].array.isEmpty, "\(days)")
        }
        #expect(try run(40, "meeting", "list").errors.contains("not purged"))
    }

    /// A meeting of which a change would make that it is due stays as it was: the next command would purge it.
    @Test func aChangeThatMakesAMeetingDueIsRefused() throws {
        let old = try store.enrol(start: StorePlace.start - StorePlace.day, "--duration", "3h")
        // It began a day and one to two hours ago, and is kept for a day.
        let changes = [
            ["--duration", "30m"], ["--duration", "1"], ["--start", Board.time(StorePlace.start - 2 * StorePlace.day)],
            ["--start", Board.time(StorePlace.start - 2 * StorePlace.day), "--duration", "3h"],
        ]
        for change in changes {
            let refused = try place.run(["meeting", "edit", old, "--yes"] + change)
            #expect(refused.exitStatus == 11 && refused.errors.contains("would be purged at once"), "\(change)")
        }
        for (text, seconds) in [("2h30m", 9_000), ("3h", 10_800)] {
            let edited = try place.json("meeting", "edit", old, "--duration", text)["meeting"]
            #expect(edited["durationSeconds"].int == seconds)
        }
        let kept = try place.json("meeting", "show", old)["meeting"]
        #expect(kept["start"].string == Board.time(StorePlace.start - StorePlace.day))
        #expect(kept["state"].string == "available")
    }
}
