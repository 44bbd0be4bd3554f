import ArgumentParser
import EarmarkOutput
import Foundation
import Synchronization

/// How progress is told.
package enum ProgressForm: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// A line on standard error if that is a terminal, else nothing.
    case auto
    /// Lines of JSON on standard error, for front ends.
    case json
    /// Nothing.
    case none
}

/// `--progress`, which every verb takes whose work may last.
package struct ProgressOption: ParsableArguments {
    private struct Fields: ParsableArguments {
        @Option(
            help: ArgumentHelp("How to tell progress on standard error: auto, json or none.", valueName: "form"))
        var progress = ProgressForm.auto
    }

    @OptionGroup(title: JSONFlag.groupTitle) private var fields: Fields

    /// Made by the argument parser.
    package init() {}

    /// What was asked for.
    package var form: ProgressForm { fields.progress }

    /// Progress of one stage; see `Progress`.
    package func start(_ label: String, total: Double?, unit: String) -> Progress {
        Progress(label, total: total, unit: unit, form: form)
    }
}

/// Says on standard error how far work has come: with percent, rate and remaining time on a terminal, for work over a
/// second; as lines of JSON if asked; else silent.
package final class Progress: Sendable {
    private struct State {
        var started: ContinuousClock.Instant?
        var shown: ContinuousClock.Instant?
        var done = 0.0
        var total: Double?
    }

    /// Work shorter than this shows nothing on a terminal.
    private static let delay = Duration.seconds(1)
    /// Time between updates.
    private static let interval = Duration.milliseconds(200)
    /// Longest remaining time that is told, seconds: what takes longer than four days is not foretold by its start.
    private static let longest = 360_000.0

    private let label: String
    private let unit: String
    private let form: ProgressForm
    private let state = Mutex(State())

    /// - Parameters:
    ///   - label: what is done.
    ///   - total: the amount of work in the unit of `update`; nil if it is not known.
    ///   - unit: what is counted, as a plural; `s` for seconds of audio.
    ///   - form: how it is told.
    package init(_ label: String, total: Double?, unit: String = "", form: ProgressForm = .auto) {
        self.label = label
        state.withLock { $0.total = total }
        self.unit = unit
        self.form = form == .auto && isatty(FileHandle.standardError.fileDescriptor) != 1 ? .none : form
    }

    /// Tells that so much is done, `of` so much where that is found out on the way; less than before begins anew.
    package func update(_ done: Double, of total: Double? = nil) {
        guard form != .none else { return }
        let now = ContinuousClock.now
        let started = state.withLock { state -> ContinuousClock.Instant? in
            let isFirst = state.started == nil
            let started = done < state.done ? now : state.started ?? now
            state.started = started
            state.total = total ?? state.total
            state.done = done
            let isDue = state.shown.map { now - $0 > Progress.interval } ?? true
            guard form == .json ? isFirst || isDue : isDue && now - started > Progress.delay else { return nil }
            state.shown = now
            return started
        }
        guard let started else { return }
        tell(done, after: now - started, isLast: false)
    }

    /// Clears the line, or tells that the stage has ended.
    package func finish() {
        let (started, isShown, done) = state.withLock { ($0.started, $0.shown != nil, $0.total ?? $0.done) }
        guard let started else { return }
        if form == .json { tell(done, after: ContinuousClock.now - started, isLast: true) }
        if form == .auto, isShown { write("\r\u{1B}[K") }
    }

    private func tell(_ done: Double, after elapsed: Duration, isLast: Bool) {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        let total = state.withLock { $0.total }
        let rate = seconds > 0 && done > 0 ? done / seconds : nil
        let left = rate.flatMap { rate in total.map { max(0, $0 - done) / rate } }.map { min($0, Progress.longest) }
        if form == .json {
            let event = Event(
                stage: label, unit: unit, done: done, total: total, rate: rate, remainingSeconds: isLast ? 0 : left,
                isFinished: isLast)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(["progress": event]) else { return }
            return write(String(decoding: data, as: UTF8.self) + "\n")
        }
        let share = total.flatMap { $0 > 0 ? " \(Int(min(100, 100 * done / $0))) %" : nil } ?? ""
        let speed = rate.map { unit == "s" ? String(format: ", %.0f x", $0) : String(format: ", %.0f %@/s", $0, unit) }
        let remaining = left.map { ", \(Progress.clock($0)) left" } ?? ""
        write("\r\u{1B}[K\(OutputText.message(label))\(share)\(speed ?? "")\(remaining)")
    }

    /// A line of `--progress json`.
    private struct Event: Encodable {
        let stage: String
        let unit: String
        let done: Double
        let total: Double?
        let rate: Double?
        let remainingSeconds: Double?
        let isFinished: Bool
    }

    /// Seconds as 1:02:03 or 2:03.
    package static func clock(_ seconds: Double) -> String {
        let total = Int(seconds.rounded(.up))
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }

    private func write(_ text: String) {
        // Progress that cannot be shown is no reason to stop.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
