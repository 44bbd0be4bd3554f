import Dispatch
import Foundation
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into a wish to stop; the second of them ends the process at once.
///
/// SIGHUP stays ignored where it is, as by nohup.
/// Result lines are saved one by one, so ending at once loses no more than the files in hand.
package final class Interruption: @unchecked Sendable {
    // Sendable: `sources` is written by `init` alone.

    private let number = Mutex<Int32?>(nil)
    /// Sources live as long as they are referred to.
    private var sources: [any DispatchSourceSignal] = []

    /// The exit status of a process that a signal ended, as shells have it.
    package var exitStatus: Int32? { number.withLock { $0.map { 128 + $0 } } }

    /// Whether to stop after the files in hand.
    package var isRequested: Bool { number.withLock { $0 != nil } }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - atEnd: called with the exit status before the second signal ends the process.
    ///   - notice: called once, with the first signal.
    package init(
        atEnd: @escaping @Sendable (_ status: Int32) -> Void, _ notice: @escaping @Sendable () -> Void
    ) {
        for signal in stoppingSignals() {
            let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
            source.setEventHandler { [weak self] in
                guard let self else { return }
                let isFirst = number.withLock { number in
                    defer { number = number ?? signal }
                    return number == nil
                }
                if isFirst { notice() } else { end(128 + signal, after: atEnd) }
            }
            source.resume()
            sources.append(source)
        }
    }
}

/// Ends the process at the first SIGINT, SIGTERM or SIGHUP, after what must not be left behind is gone.
package final class StopSignals: @unchecked Sendable {
    // Sendable: `sources` is written by `init` alone.

    /// Sources live as long as they are referred to.
    private var sources: [any DispatchSourceSignal] = []

    /// Begins to listen; `clean` is called with the exit status before the process ends.
    package init(_ clean: @escaping @Sendable (_ status: Int32) -> Void) {
        for signal in stoppingSignals() {
            let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
            source.setEventHandler { end(128 + signal, after: clean) }
            source.resume()
            sources.append(source)
        }
    }
}

/// The signals that ask for an end, no longer ending the process by themselves.
private func stoppingSignals() -> [Int32] {
    // What it was before says whether the terminal's end is to be outlived.
    let hangUp = signal(SIGHUP, SIG_IGN)
    let isIgnored = unsafeBitCast(hangUp, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    for number in [SIGINT, SIGTERM] { signal(number, SIG_IGN) }
    return [SIGINT, SIGTERM] + (isIgnored ? [] : [SIGHUP])
}

private func end(_ status: Int32, after last: (_ status: Int32) -> Void) -> Never {
    last(status)
    _exit(status)
}
