import EarmarkOutput
import Foundation
import Synchronization

/// A line on standard error that says how far work over a second has come; silent unless that is a terminal.
package final class Progress: Sendable {
    private struct State {
        var started = ContinuousClock.now
        var shown: ContinuousClock.Instant?
    }

    /// Work shorter than this shows nothing.
    private static let delay = Duration.seconds(1)
    /// Time between updates.
    private static let interval = Duration.milliseconds(200)

    private let label: String
    private let total: Double?
    private let isOn: Bool
    private let state = Mutex(State())

    /// `total` is the amount of work in the unit of `update`; nil if it is not known.
    package init(_ label: String, total: Double?) {
        self.label = label
        self.total = total
        isOn = isatty(FileHandle.standardError.fileDescriptor) == 1
    }

    package func update(_ done: Double) {
        guard isOn else { return }
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard now - state.started > Progress.delay, state.shown.map({ now - $0 > Progress.interval }) ?? true else {
                return false
            }
            state.shown = now
            return true
        }
        guard isDue else { return }
        let share = total.flatMap { $0 > 0 ? " \(Int(min(100, 100 * done / $0))) %" : nil } ?? ""
        write("\r\u{1B}[K\(OutputText.message(label))\(share)")
    }

    /// Clears the line.
    package func finish() {
        if isOn, state.withLock({ $0.shown != nil }) { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        // Progress that cannot be shown is no reason to stop.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
