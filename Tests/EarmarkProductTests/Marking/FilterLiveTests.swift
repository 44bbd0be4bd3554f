import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/live.md, "Time", and `earmark filter --help`: a stream that comes as it is played.
@Suite struct FilterLiveTests {
    private static let raw = ["--rate", "16000", "--format", "f32le"]
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    private func clock() -> Double { Date().timeIntervalSince1970 - Double(place.started) }

    /// Whether the mark in `output` is one of a moment between `from` and now.
    ///
    /// Marks of the same host agree by -3 dB at unlike times and by 10 dB or more within 5 ms: what was heard before a
    /// pause, and where in its steps the embedder stands, decide a few content cells otherwise.
    private func isMark(_ output: [Float], of host: [Float], from: Double) throws -> Bool {
        for time in stride(from: from - 0.01, through: clock() + 0.01, by: 0.01) {
            let arguments = ["filter", "--ticket", place.now, "--at", "\(time)"] + FilterLiveTests.raw
            let wanted = MarkingPlace.floats(try folder.run(arguments, input: MarkingPlace.bytes(host)).output)
            // Behind the first chips, in which filters and weights may still hold what was before.
            let part = 4_000..<host.count
            if MarkingPlace.agreement(output[part], wanted[part], on: Array(host[part])) > 8 { return true }
        }
        return false
    }

    /// Without --at the meeting's time is the clock's when the first sample comes, and when sound comes again after the
    /// stream stood still.
    ///
    /// A machine with much else to do may let a stream stand still on its own; it does not do so three times.
    @Test func withoutATimeTheClockIsFollowed() throws {
        let pauses = [0.3, 1.5]
        #expect(try (1...3).contains { _ in try pausesShowTheClock(pauses).allSatisfy(\.self) })
    }

    /// Whether sound that comes after each pause of a stream has the mark of its moment.
    private func pausesShowTheClock(_ pauses: [Double]) throws -> [Bool] {
        let filter = try LiveFilter(["--ticket", place.now] + FilterLiveTests.raw, folder: folder.folder)
        let host = Array(place.samples[..<10_000])
        let marks = try pauses.map { pause in
            Thread.sleep(forTimeInterval: pause)
            let before = clock()
            try filter.write(MarkingPlace.bytes(host))
            let output = MarkingPlace.floats(filter.read(4 * host.count))
            #expect(output.count == host.count)
            return try isMark(output, of: host, from: before)
        }
        #expect(try filter.end() == (0, ""))
        return marks
    }

    /// With --at the stream counts frames, however long it stands still.
    @Test func aGivenTimeRunsOnWithTheSamples() throws {
        let arguments = ["--ticket", place.now, "--at", "30"] + FilterLiveTests.raw
        let filter = try LiveFilter(arguments, folder: folder.folder)
        let host = Array(place.samples[..<20_000])
        try filter.write(MarkingPlace.bytes(Array(host[..<10_000])))
        let first = filter.read(40_000)
        Thread.sleep(forTimeInterval: 0.7)
        try filter.write(MarkingPlace.bytes(Array(host[10_000...])))
        let output = first + filter.read(40_000)
        #expect(try filter.end() == (0, ""))
        #expect(output == (try folder.run(["filter"] + arguments, input: MarkingPlace.bytes(host)).output))
    }

    /// A file comes faster than it is played, so it runs ahead of the clock: its own time is the better one.
    ///
    /// The clock stands here, so that the right bits are those of the time at which it stands.
    @Test func filesRunAheadOfTheClock() throws {
        let input = MarkingPlace.bytes(place.samples + place.samples)
        let time = 100.25
        let clock = try WrongClock.environment(stoppedAt: Double(place.started) + time)
        let followed = try folder.run(
            ["filter", "--ticket", place.now] + FilterLiveTests.raw, input: input, environment: clock)
        let given = try folder.run(
            ["filter", "--ticket", place.now, "--at", "\(time)"] + FilterLiveTests.raw, input: input)
        #expect(followed.exitStatus == 0 && given.exitStatus == 0, "\(followed.errors)")
        #expect(given.output.count == input.count && given.output != input)
        #expect(followed.output == given.output)
    }

    /// Nothing is held back once its frame is whole.
    @Test func framesComeOutAtOnce() throws {
        let arguments = ["--ticket", place.now, "--at", "30", "--channels", "2"] + FilterLiveTests.raw
        let filter = try LiveFilter(arguments, folder: folder.folder)
        let bytes = MarkingPlace.bytes([0.25, 0.5, -0.25, -0.5])
        try filter.write(bytes[..<11])
        #expect(filter.read(8).count == 8)
        try filter.write(bytes[11...])
        #expect(filter.read(8).count == 8)
        #expect(try filter.end().status == 0)
    }

    /// On SIGINT or SIGTERM the stream ends as if its input had ended.
    @Test(arguments: [true, false])
    func signalsEndTheStream(isInterrupt: Bool) throws {
        let arguments = ["--ticket", place.now, "--at", "30", "--stats"] + FilterLiveTests.raw
        let filter = try LiveFilter(arguments, folder: folder.folder)
        try filter.write(MarkingPlace.bytes(Array(place.samples[..<8_000])))
        #expect(filter.read(32_000).count == 32_000)
        if isInterrupt { filter.interrupt() } else { filter.terminate() }
        let end = try filter.end(closing: false)
        #expect(end.status == 0 && end.errors.hasPrefix("0.500 s, "), "\(end)")
    }

    /// The same where the input never ends and always has something ready.
    @Test(arguments: [true, false])
    func signalsEndAStreamThatKeepsComing(isInterrupt: Bool) throws {
        let zeros = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
        let arguments = ["--ticket", place.now, "--at", "30"] + FilterLiveTests.raw
        let filter = try LiveFilter(arguments, folder: folder.folder, source: zeros)
        #expect(filter.read(64_000).count == 64_000)
        if isInterrupt { filter.interrupt() } else { filter.terminate() }
        // What was on its way still comes: a pipe of 64 KB and what was in hand.
        let many = 8 << 20
        let rest = filter.read(many).count
        if rest == many { filter.kill() }
        #expect(try filter.end().status == 0)
        #expect(rest < many && rest % 4 == 0, "\(rest)")
    }

    /// A player that goes away is no failure.
    @Test func nobodyReadingEndsTheStream() throws {
        let arguments = ["--ticket", place.now, "--at", "30"] + FilterLiveTests.raw
        let filter = try LiveFilter(arguments, folder: folder.folder)
        try filter.write(MarkingPlace.bytes(Array(place.samples[..<4_000])))
        #expect(filter.read(16_000).count == 16_000)
        try filter.hangUp()
        try filter.write(MarkingPlace.bytes(Array(place.samples[..<4_000])))
        #expect(try filter.end(closing: false) == (0, ""))
    }
}
