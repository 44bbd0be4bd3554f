import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

/// docs/retention.md, "Clocks": while a machine runs on, its clock advances as it does.
@Suite struct RunningClockTests {
    private static let day = Timestamp.secondsPerDay
    private let watch = ClockWatch(days: 30)

    private func time(_ seconds: Int64, _ start: String = "a") -> RunningTime {
        RunningTime(start: start, seconds: seconds)
    }

    /// A clock after days by the clock and days by the machine, entry by entry; nil once one is not believed.
    private func clock(_ entries: [(wall: Int64, ran: Int64)]) -> RunningClock? {
        var clock: RunningClock? = RunningClock(testStart, time(1_000))
        for entry in entries {
            clock = clock?.taking(
                testStart + entry.wall * Self.day, time(1_000 + entry.ran * Self.day), watch)
        }
        return clock
    }

    // MARK: Honest machines

    @Test func whatRunsOnIsBelieved() {
        let weeks = clock((1...100).map { ($0 * 7, $0 * 7) })
        #expect(weeks?.spent == 0)
        // However long it slept between.
        #expect(clock([(400, 400)])?.spent == 0)
    }

    /// The one step of a start that is free is for a machine that learns the time; others count.
    @Test func oneStepOfEachStartIsFree() {
        #expect(clock([(7, 0)])?.spent == 0)
        #expect(clock([(7, 0), (9, 0)])?.spent == 2 * Self.day)
        // A quarter of the guard is short, a day more is not.
        #expect(clock([(8, 0)])?.spent == 8 * Self.day)
    }

    /// A virtual machine that stands still each weekend runs for longer than that in between.
    @Test func runningTimeRepays() {
        var weeks: [(wall: Int64, ran: Int64)] = []
        for week in 1...50 as ClosedRange<Int64> {
            weeks.append((wall: week * 7 - 2, ran: week * 5))
            weeks.append((wall: week * 7, ran: week * 5))
        }
        #expect(clock(weeks)?.spent == 2 * Self.day)
        // The other way round steps are not paid in advance.
        #expect(clock([(100, 100), (107, 100), (132, 100)])?.spent == 25 * Self.day)
    }

    @Test func stepsBeyondTheGuardAreNotBelieved() {
        #expect(clock([(30, 0)])?.spent == 30 * Self.day)
        #expect(clock([(31, 0)]) == nil)
        #expect(clock([(1, 0), (16, 0), (31, 0)])?.spent == 30 * Self.day)
        #expect(clock([(1, 0), (16, 0), (32, 0)]) == nil)
        #expect(clock([(1, 0), (16, 0), (33, 1)])?.spent == 30 * Self.day)
    }

    /// A snapshot that is put back lets the machine have run for less than before: what the clock gains is a step, and
    /// from then on it runs on.
    @Test func aMachineThatWasPutBack() {
        var clock = RunningClock(testStart, time(40 * Self.day))
        clock = clock.after(testStart + 2 * Self.day, time(10 * Self.day), watch)
        #expect(clock.step(to: testStart + 9 * Self.day, time(17 * Self.day)) == nil)
        clock = clock.after(testStart + 9 * Self.day, time(17 * Self.day), watch)
        #expect(clock.step(to: testStart + 12 * Self.day, time(18 * Self.day)) == 2 * Self.day)
        #expect(RunningClock(testStart, time(40 * Self.day)).taking(testStart + 40 * Self.day, time(0), watch) == nil)
    }

    @Test func aClockThatIsSetBackStaysBelievedWhereItWas() {
        // Ahead by ten days, back, and ahead again is one step.
        #expect(clock([(10, 0), (0, 0), (10, 0)])?.spent == 10 * Self.day)
        // What passed under the clock that was behind is none of its own.
        #expect(clock([(10, 0), (0, 0), (11, 0)])?.spent == 11 * Self.day)
        // In 1970 for an hour, which is not refused.
        var dead = RunningClock(testStart, time(0)).after(0, time(3_600), watch)
        dead = dead.after(testStart + 7_200, time(7_200), watch)
        #expect(dead.spent == 0 && dead.step(to: testStart + 10_800, time(10_800)) == nil)
    }

    /// Processes come in another order than they looked at the clock.
    @Test func ordersOfProcesses() {
        let start = RunningClock(testStart, time(1_000))
        let later = start.after(testStart + 3, time(1_003), watch)
        #expect(later.after(testStart + 1, time(1_001), watch) == later)
    }

    // MARK: Steps

    /// Network time corrects by seconds; what such corrections add up to is a step.
    @Test func smallCorrectionsAreNotForgotten() {
        var clock = RunningClock(testStart, time(0), isConfirmed: true)
        clock = clock.after(testStart + 60, time(0), watch)
        #expect(clock.spent == 0)
        clock = clock.after(testStart + 61, time(0), watch)
        #expect(clock.spent == 61)
        for second in 1...10_000 as ClosedRange<Int64> {
            clock = clock.after(testStart + 61 + 50 * second, time(0), watch)
        }
        #expect(clock.spent > 61 + 490_000)
    }

    /// After another start the entries' own times count, and what was spent is kept but for the time since the start.
    @Test func anotherStart() {
        let spent = RunningClock(testStart, time(1_000), isConfirmed: true)
            .after(testStart + 20 * Self.day, time(1_000), watch)
        let next = testStart + 25 * Self.day
        #expect(spent.step(to: next, time(60, "b")) == nil && spent.isNews(next, time(60, "b")))
        let started = spent.after(next, time(Self.day, "b"), watch)
        #expect(started.spent == 19 * Self.day)
        // The free one, and one that counts.
        let set = started.after(next + 7 * Self.day, time(Self.day, "b"), watch)
        #expect(set.spent == 19 * Self.day)
        #expect(set.taking(next + 19 * Self.day, time(Self.day, "b"), watch) == nil)
        // A machine that starts in 1970 and then learns the time.
        let dead = spent.after(100, time(100, "c"), watch).after(next, time(200, "c"), watch)
        #expect(dead.spent == 20 * Self.day - 200)
    }

    @Test func wordsAreRead() {
        let clock = RunningClock(testStart, time(1_000, "d831bda8-53a0"), isConfirmed: true)
            .after(testStart + Self.day, time(1_000, "d831bda8-53a0"), watch)
        #expect(clock.words == ["d831bda8-53a0", "1000", "1700086400", "86400", "1"])
        #expect(RunningClock(clock.words) == clock)
        let bad = [
            ["x", "1", "1", "1", "0"], ["a", "1", "1", "1", "2"], ["a", "1", "1", "0"], ["a", "", "1", "1", "0"], [],
        ]
        for words in bad { #expect(RunningClock(words) == nil) }
        #expect(RunningTime.name("\n") == nil && RunningTime.name(" a-1\n") == "a-1")
    }
}

/// The same in a store.
@Suite struct RunningClockStoreTests {
    /// What the store's machine shows; a test sets it.
    private final class Machine: Sendable {
        let clock = TestClock(testStart)
        private let ran = TestClock(1_000)
        private let start: String
        private let isKnown: Bool

        init(_ start: String = "a", isKnown: Bool = true) { (self.start, self.isKnown) = (start, isKnown) }

        var running: RunningTime.Source {
            {
                guard self.isKnown else { return nil }
                return RunningTime(start: self.start, seconds: self.ran.clock().seconds)
            }
        }

        func set(days: Int64, ran: Int64 = 0) {
            clock.set(testStart.adding(days: days))
            self.ran.set(Timestamp(seconds: 1_000).adding(days: ran))
        }
    }

    private let files: TemporaryStore
    private let meeting: Meeting

    init() throws {
        files = try TemporaryStore()
        var settings = OrganisationSettings()
        settings.retentionDays = 60
        let store = try Store.create(
            at: files.location, organisationName: "Example Ltd", settings: settings, clock: { testStart },
            running: Machine().running)
        meeting = try store.createMeeting(
            .init(title: "T", startsAt: testStart), roster: [entry(1)], in: store.organisation().id)
    }

    private func open(_ machine: Machine) throws -> Store {
        try Store.open(at: files.location, clock: machine.clock.clock, running: machine.running)
    }

    /// Opens the store each week, which logs a look at it; the meetings that are there after ten weeks.
    private func weekly(_ machine: Machine, ran: Int64) throws -> Int {
        for week in 1...10 as ClosedRange<Int64> {
            machine.set(days: week * 7, ran: week * ran)
            try open(machine).noteView(of: "clients")
        }
        return try open(machine).allMeetings().count
    }

    private func count(_ action: AuditAction) throws -> Int {
        try open(Machine()).auditEntries().filter { $0.action == action.rawValue }.count
    }

    @Test func aClockThatIsSetEachWeekPurgesNothing() throws {
        let machine = Machine()
        #expect(try weekly(machine, ran: 0) == 1)
        #expect(try count(.clockAhead) == 1)
        #expect(throws: StoreError(.clockAhead, "")) { try self.open(machine).purgeDue() }
        try open(machine).confirmClock()
        #expect(try open(machine).allMeetings().isEmpty)
    }

    @Test func aMachineThatRunsPurges() throws {
        #expect(try weekly(Machine(), ran: 7) == 0)
        #expect(try count(.clockAhead) == 0)
    }

    /// What the kernel does not tell, nothing is made of: then it is as with entries alone.
    @Test func aMachineThatTellsNoRunningTime() throws {
        #expect(try weekly(Machine(isKnown: false), ran: 0) == 0)
        #expect(try count(.clockAhead) == 0)
    }

    /// As in docs/retention.md: each start leaves what entries alone do.
    @Test func aStartBetween() throws {
        for week in 1...9 as ClosedRange<Int64> {
            let machine = Machine("b\(week)")
            machine.set(days: week * 7)
            try open(machine).noteView(of: "clients")
        }
        #expect(try count(.clockAhead) == 0)
        #expect(try open(Machine()).allMeetings().isEmpty)
    }

    /// A clock that is far ahead when a machine starts is no beginning: set right, it may not be put there again.
    @Test func aWrongClockAtTheStart() throws {
        let machine = Machine("b")
        machine.set(days: 50)
        try open(machine).noteView(of: "clients")
        #expect(try count(.clockAhead) == 1)
        #expect(try weekly(machine, ran: 0) == 1)
    }

    /// Running time repays steps; the log then says why the clock is believed again.
    @Test func aDoubtThatTimeEnds() throws {
        let machine = Machine()
        for days in [7, 14, 21, 28, 35, 42] as [Int64] {
            machine.set(days: days)
            try open(machine).noteView(of: "clients")
        }
        #expect(try count(.clockAhead) == 1)
        machine.set(days: 47, ran: 5)
        try open(machine).noteView(of: "clients")
        let entries = try open(machine).auditEntries().filter { $0.action == AuditAction.clockConfirm.rawValue }
        #expect(entries.map { $0.details?["reason"] } == ["the machine ran for so long since"])
    }

    /// The clock beside the head is under the same seal; a head without one, of a version before, is read.
    @Test func theClockIsSealed() throws {
        let path = files.location.keyFile + ".head"
        let words = try String(decoding: contents(path), as: UTF8.self).split(separator: " ").map(String.init)
        #expect(words.count == 10 && words[4...8] == ["a", "1000", "\(testStart.seconds)", "0", "0"])
        for (place, word) in [(4, "b"), (5, "999"), (6, "1700000001"), (7, "1"), (8, "1")] {
            var changed = words
            changed[place] = word
            try PrivateFile.replace(path, bytes: Array(changed.joined(separator: " ").utf8))
            #expect(throws: StoreError(.rowsAltered, "")) { try self.open(Machine()).noteView(of: "clients") }
        }
        let store = try open(Machine())
        let head = try LogHead(count: #require(Int64(words[2])), hash: #require(Hexadecimal.bytes(words[3].utf8)))
        try store.vouching().note(head, isForced: true) { _ in nil }
        let early = try String(decoding: contents(path), as: UTF8.self).split(separator: " ")
        #expect(early.count == 5 && early[..<4].map(String.init) == Array(words[..<4]))
        try store.noteView(of: "clients")
        #expect(try store.vouching().noted()?.clock?.words.first == "a")
    }
}
