import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "Clocks": what is written under a wrong clock vouches for nothing, and long steps add up.
@Suite struct ClockStepTests {
    /// Days for which a meeting is kept: it is due by none of the wrong clocks but the last one of each test.
    private static let retention = 50
    private let store: StorePlace
    private var place: Workplace { store.place }
    private let meeting: String

    init() throws {
        store = try StorePlace("--retention", "\(Self.retention)")
        meeting = try store.enrol()
    }

    private func run(_ days: Double, _ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: WrongClock.environment(days: days))
    }

    /// The same with a clock that was set: the machine ran for so many days only.
    private func set(_ days: Double, ran: Double = 0, _ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: WrongClock.environment(days: days, ran: ran))
    }

    /// Writes an entry under a clock that is so many days ahead.
    private func write(_ days: Double) throws {
        #expect(try run(days, "settings", "set", "max-bytes", "\(5_000 + abs(Int(days)))").exitStatus == 0)
    }

    private func actions(_ name: String) throws -> [JSON] {
        try place.json("audit", "list")["entries"].array.filter { $0["action"].string == name }
    }

    @Test func anEntryUnderAWrongClockVouchesForNothing() throws {
        // Nothing is due by then, and all the same the log says so, once.
        try write(40)
        try write(41)
        #expect(try actions("clock-ahead").map { $0["details"]["clock"].string == nil } == [false])
        let list = try run(60, "meeting", "list")
        #expect(list.errors.contains("are not purged: the clock says") && list.text.contains(meeting))
        #expect(try actions("clock-ahead").count == 1 && actions("purge").isEmpty)
        // Set right, it is believed without a word, and the log says that, too.
        try write(0)
        #expect(try actions("clock-confirm").first?["details"]["reason"].string == "it was set back")
    }

    @Test func longStepsAddUp() throws {
        try write(29)
        let list = try run(58, "meeting", "list")
        #expect(list.errors.contains("58 days") == false && list.errors.contains("such steps add up"), "\(list.errors)")
        #expect(try actions("purge").isEmpty)
        // Each confirmation is good for one clock.
        #expect(try run(58, "retention", "clock", "--confirm").exitStatus == 0)
        #expect(try run(58, "meeting", "list").errors.contains("purged 1 meeting"))
    }

    @Test func weeklyUseNeedsNoConfirmation() throws {
        for days in stride(from: 7.0, through: 49, by: 7) { try write(days) }
        #expect(try run(56, "meeting", "list").errors.contains("purged 1 meeting"))
        #expect(try actions("clock-ahead").isEmpty)
    }

    /// The first is taken for that of a machine that learns the time, four more are the guard, and the sixth is beyond.
    @Test func shortStepsForWhichNoTimePassedAddUp() throws {
        for days in stride(from: 7.0, through: 35, by: 7) {
            #expect(try set(days, "meeting", "show", meeting).exitStatus == 0)
        }
        #expect(try actions("clock-ahead").isEmpty)
        for days in stride(from: 42.0, through: 49, by: 7) {
            #expect(try set(days, "meeting", "show", meeting).exitStatus == 0)
        }
        let list = try set(56, "meeting", "list")
        // A second may be lost between the two clocks.
        let told = ["48", "49"].map { "in steps of \($0) days for which this machine did not run" }
        #expect(told.contains { list.errors.contains($0) }, "\(list.errors)")
        #expect(list.errors.contains("are not purged: the clock says") && list.text.contains(meeting))
        #expect(try set(56, "retention", "purge").exitStatus == 78)
        #expect(try actions("clock-ahead").map { $0["details"]["clockStep"].string?.hasSuffix(" s") } == [true])
        let remarks = try place.json("audit", "verify")["remarks"].array.compactMap(\.string)
        #expect(remarks.contains { $0.contains("gone further than the machine ran") }, "\(remarks)")
        #expect(try set(56, "retention", "clock", "--confirm").exitStatus == 0)
        #expect(try set(56, "meeting", "list").errors.contains("purged 1 meeting"))
    }

    /// A virtual machine that stood still, and whose clock is put right then: two days are said in the log, and after
    /// forty somebody is asked.
    @Test func aMachineThatStoodStill() throws {
        let shown = try set(2, "meeting", "show", meeting)
        #expect(shown.exitStatus == 0 && !shown.errors.contains("clock"), "\(shown.errors)")
        let step = try actions("view").first?["details"]["clockStep"].string ?? ""
        #expect(step.hasSuffix(" s") && abs((Int(step.dropLast(2)) ?? 0) - 2 * 86_400) < 60, "\(step)")
        #expect(try actions("clock-ahead").isEmpty)
        let purge = try set(60, ran: 2, "retention", "purge")
        #expect(purge.exitStatus == 78, "\(purge.errors)")
        #expect(["57", "58"].contains { purge.errors.contains("\($0) days after the log's last entry") })
        #expect(try set(60, ran: 2, "retention", "clock", "--confirm").exitStatus == 0)
        #expect(try set(60, ran: 2, "meeting", "list").errors.contains("purged 1 meeting"))
    }

    /// A machine that starts in 1970, before it learns the time, stops no purge of later.
    @Test func anEntryUnderADeadClockStopsNothing() throws {
        try write(-20_000)
        for days in stride(from: 7.0, through: 49, by: 7) { try write(days) }
        let list = try run(56, "meeting", "list")
        #expect(list.errors.contains("purged 1 meeting"), "\(list.errors)")
        #expect(try actions("clock-ahead").isEmpty && actions("clock-confirm").isEmpty)
    }

    /// Put back, a clock that was ahead has not made up for it: ahead again, it would be believed twice as far.
    @Test func aClockThatIsSetBackRepaysNothing() throws {
        try write(29)
        try write(0)
        let list = try run(58, "meeting", "list")
        #expect(list.errors.contains("such steps add up"), "\(list.errors)")
        #expect(try actions("purge").isEmpty)
    }

    /// Said in advance, or again and again by a job, a confirmation would be worth nothing.
    @Test func onlyWhatIsInDoubtIsConfirmed() throws {
        for days in [0.0, 29] {
            let early = try run(days, "retention", "clock", "--confirm")
            #expect(early.exitStatus == 65 && early.errors.contains("is not in doubt"), "\(early.errors)")
        }
        #expect(try actions("clock-confirm").isEmpty)
        // Where nobody was told yet, it is in doubt all the same.
        #expect(try run(60, "retention", "clock", "--confirm").exitStatus == 0)
    }

    /// Times in the database are believed as far as the keys vouch for them.
    @Test func editedTimesAreNotBelieved() throws {
        try StoreDatabase(place).execute("UPDATE audit SET at = at + 40 * 86400 WHERE position = 1")
        let purge = try run(60, "retention", "purge")
        #expect(purge.exitStatus == 78 && purge.errors.contains("entry 1 of the audit log was changed"))
        // Somebody who looked into it can go on.
        #expect(try run(60, "retention", "clock", "--confirm").exitStatus == 0)
        #expect(try run(60, "meeting", "list").errors.contains("purged 1 meeting"))
        let last = try store.place.run("audit", "verify")
        #expect(last.exitStatus == 65 && last.text.contains("entry 1 was changed"))
    }

    @Test func anEditedEndIsNotSealedAgain() throws {
        try StoreDatabase(place).execute("UPDATE audit SET at = at + 40 * 86400 WHERE position = 2")
        let next = try place.run("settings", "set", "max-bytes", "5000")
        #expect(next.exitStatus == 78 && next.errors.contains("entry 2 of the audit log was changed"))
    }

    /// After each long pause the clock is in doubt anew, and confirmed anew.
    @Test func eachPauseIsConfirmedByItself() throws {
        #expect(try run(40, "retention", "clock", "--confirm").exitStatus == 0)
        let doubted = try run(80, "meeting", "list")
        #expect(doubted.errors.contains("are not purged: the clock says") && doubted.text.contains(meeting))
        #expect(try run(80, "retention", "clock", "--confirm").exitStatus == 0)
        #expect(try run(80, "meeting", "list").errors.contains("purged 1 meeting"))
        #expect(try actions("clock-confirm").count == 2)
    }
}
