import EarmarkAnswer
import EarmarkBatch
import EarmarkConsole
import EarmarkOutput
import Foundation
import Synchronization

/// Shows how far a batch has come: a bar with rate and remaining time on a terminal, a line for each file otherwise.
final class BatchProgress: Sendable {
    private struct State {
        var done = 0
        var resumed = 0
        var failed = 0
        var started = ContinuousClock.now
        var shown: ContinuousClock.Instant?
    }

    /// Where progress goes.
    enum Form {
        case bar, lines, json, silent
    }

    private static let interval = Duration.milliseconds(200)
    private static let barWidth = 24

    private let total: Int
    private let form: Form
    private let json: EarmarkConsole.Progress
    private let state = Mutex(State())

    init(total: Int, form: Form) {
        self.total = total
        self.form = form
        json = EarmarkConsole.Progress(
            "batch", total: Double(total), unit: "files", form: form == .json ? .json : .none)
    }

    /// The form that suits standard error.
    static func form(quiet: Bool, _ form: ProgressForm) -> Form {
        if quiet { return .silent }
        switch form {
        case .auto: break
        case .json: return .json
        case .none: return .silent
        }
        return isatty(FileHandle.standardError.fileDescriptor) == 1 ? .bar : .lines
    }

    /// Counts one file, and returns how many are done.
    func advance(_ event: BatchEvent) -> Int {
        let (done, text) = state.withLock { state -> (Int, String?) in
            state.done += 1
            if !event.isNew { state.resumed += 1 }
            if event.outcome.refusal != nil { state.failed += 1 }
            return (state.done, shown(event, in: &state))
        }
        if let text { write(text) }
        return done
    }

    private func shown(_ event: BatchEvent, in state: inout State) -> String? {
        switch form {
        case .silent: return nil
        case .json:
            json.update(Double(state.done))
            return nil
        case .lines:
            return event.isNew ? line(event.outcome, path: event.path, done: state.done) : nil
        case .bar:
            let now = ContinuousClock.now
            guard state.done == total || state.shown.map({ now - $0 > BatchProgress.interval }) ?? true else {
                return nil
            }
            state.shown = now
            return "\r\u{1B}[K" + bar(state, elapsed: now - state.started)
        }
    }

    /// Ends the bar's line.
    func finish() {
        json.finish()
        if form == .bar, state.withLock({ $0.shown != nil }) { write("\n") }
    }

    private func line(_ outcome: FileOutcome, path: String, done: Int) -> String {
        let detail = outcome.refusal.map { " \($0.code)" } ?? outcome.identified
        return "\(done)/\(total) \(OutputText.message(path)): \(outcome.label)\(OutputText.message(detail))\n"
    }

    private func bar(_ state: State, elapsed: Duration) -> String {
        let share = total > 0 ? Double(state.done) / Double(total) : 1
        let filled = Int(share * Double(BatchProgress.barWidth))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: BatchProgress.barWidth - filled)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        let fresh = state.done - state.resumed
        var text = "[\(bar)] \(state.done)/\(total) \(Int(100 * share)) %"
        if fresh > 0, seconds > 0 {
            let rate = Double(fresh) / seconds
            text += String(format: ", %.1f files/s", rate)
            text += ", \(EarmarkConsole.Progress.clock(min(Double(total - state.done) / rate, 360_000))) left"
        }
        return text + (state.failed > 0 ? ", \(state.failed) refused" : "")
    }

    private func write(_ text: String) {
        // Progress that cannot be shown is no reason to stop.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
