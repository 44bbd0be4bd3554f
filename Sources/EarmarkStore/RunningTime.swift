import EarmarkFiles
import Foundation
import Glibc

/// For how long a machine has run since one of its starts, sleep included: it goes on by itself, and nobody sets it.
///
/// Containers of one host see the same.
public struct RunningTime: Sendable, Equatable {
    /// Tells it; nil where the kernel does not.
    public typealias Source = @Sendable () -> RunningTime?

    /// This machine's: `CLOCK_BOOTTIME`, and the start as `/proc/sys/kernel/random/boot_id` names it.
    public static let system: Source = {
        guard let start else { return nil }
        var time = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
        return RunningTime(start: start, seconds: Int64(time.tv_sec))
    }

    /// A process sees no other start.
    private static let start: String? = {
        let bytes = try? SmallFile.read("/proc/sys/kernel/random/boot_id", maximumByteCount: 64)
        return bytes.flatMap { name(String(decoding: $0, as: UTF8.self)) }
    }()

    /// A start's name, blanks around it gone; nil for what is none.
    static func name(_ text: String) -> String? {
        let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isKnown = name.utf8.allSatisfy { Hexadecimal.value($0) != nil || $0 == UInt8(ascii: "-") }
        return isKnown && (1...64).contains(name.utf8.count) ? name : nil
    }

    /// Which start.
    let start: String
    /// Seconds since.
    let seconds: Int64
}

/// What two clocks say at the same moment: the one that can be set, and the one that cannot.
struct ClockReading {
    let now: Timestamp
    /// nil where it is not known.
    let running: RunningTime?
}

/// What the clock said when the machine had run for so long, as far as it is believed.
///
/// It stands beside the log's head. While the machine runs on, the clock may advance as it does.
///
/// A step beyond that counts against the guard whatever its length, and running time repays it. One such step of each
/// start counts as the entries' own times do, where short ones are free: a machine without a clock of its own learns
/// the time after it has started. A clock that is set back stays believed where it was, but not for longer.
struct RunningClock: Equatable, Sendable {
    /// Seconds by which the clock may be ahead without a word.
    ///
    /// Network time corrects it by a few at a time, seconds are whole, and processes come in another order than they
    /// looked. Such corrections are not forgotten: what they add up to is a step once it is more.
    static let tolerance: Int64 = 60

    private var running: RunningTime
    private var wall: Timestamp
    /// Seconds of steps that no running time repaid.
    private(set) var spent: Int64 = 0
    /// Whether the clock was put ahead since the start.
    private var isSet = false

    /// Begins with a clock that is believed.
    ///
    /// - Parameter isConfirmed: whether somebody said so: then no step is to be expected any more.
    init(_ now: Timestamp, _ running: RunningTime, isConfirmed: Bool = false) {
        (wall, self.running, isSet) = (now, running, isConfirmed)
    }

    /// Seconds for which the machine ran since, as far as that is known: all since another start, and none where it
    /// ran for longer before, as where a virtual machine was put back.
    private func passed(_ now: RunningTime) -> Int64 {
        max(0, now.start == running.start ? now.seconds - running.seconds : now.seconds)
    }

    /// Seconds by which the clock is further than the machine ran; nil where both are as before, or after another
    /// start.
    func step(to now: Timestamp, _ time: RunningTime) -> Int64? {
        guard time.start == running.start else { return nil }
        let step = now.seconds - (wall + passed(time)).seconds
        return step > Self.tolerance ? step : nil
    }

    /// Whether an entry with these times can change more than that time went on.
    func isNews(_ now: Timestamp, _ time: RunningTime) -> Bool {
        time.start != running.start || step(to: now, time) != nil
    }

    /// The same after an entry with these times, whether its clock is believed or not.
    ///
    /// - Parameter watch: knows the guard.
    func after(_ now: Timestamp, _ time: RunningTime, _ watch: ClockWatch) -> RunningClock {
        let passed = passed(time)
        var next = self
        next.spent = max(0, spent - passed)
        guard time.start == running.start else {
            (next.wall, next.running, next.isSet) = (max(wall, now), time, false)
            return next
        }
        let isBack = time.seconds + Self.tolerance < running.seconds
        next.running = isBack || time.seconds > running.seconds ? time : running
        guard let step = step(to: now, time) else {
            next.wall = max(wall, min(wall + passed, now))
            return next
        }
        if isSet || !watch.isShort(step) { next.spent += step }
        (next.wall, next.isSet) = (now, true)
        return next
    }

    /// The same after an entry with these times; nil if its clock is not believed.
    func taking(_ now: Timestamp, _ time: RunningTime, _ watch: ClockWatch) -> RunningClock? {
        let next = after(now, time, watch)
        return step(to: now, time) == nil || next.spent <= watch.limit ? next : nil
    }

    // MARK: As text

    /// As it stands beside the log's head: start, seconds since, clock, steps, and whether it was put ahead.
    var words: [String] {
        [running.start, "\(running.seconds)", "\(wall.seconds)", "\(spent)", isSet ? "1" : "0"]
    }

    /// Reads `words`; nil for anything else.
    init?(_ words: some Collection<String>) {
        let words = Array(words)
        guard words.count == 5, let start = RunningTime.name(words[0]), let seconds = Int64(words[1]),
            let wall = Int64(words[2]), let spent = Int64(words[3]), ["0", "1"].contains(words[4])
        else { return nil }
        running = RunningTime(start: start, seconds: seconds)
        (self.wall, self.spent, isSet) = (Timestamp(seconds: wall), spent, words[4] == "1")
    }
}
