import Synchronization

/// Servers that have not answered at all, of one process: each costs its waiting once, not once for each of its files.
///
/// What a server says, were it a refusal, is an answer.
final class SilentServers: Sendable {
    /// How long a server must have been silent: as long as it may take to start again, so that a last try does not
    /// write off all of its files meanwhile.
    private let least: Duration
    /// From when until when servers were silent, by scheme, name and port.
    private let silences = Mutex<[String: ClosedRange<ContinuousClock.Instant>]>([:])

    init(least: Duration) { self.least = least }

    /// Whether a server has been silent for so long that it is asked only briefly.
    func contains(_ origin: String) -> Bool {
        silences.withLock { $0[origin].map { $0.upperBound - $0.lowerBound >= least } ?? false }
    }

    /// Notes that a server said nothing at all to what it was asked from `start` to `end`.
    func noteSilence(of origin: String, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        silences.withLock { silences in
            let known = silences[origin] ?? start...end
            silences[origin] = min(known.lowerBound, start)...max(known.upperBound, end)
        }
    }

    /// Notes that a server said something.
    func noteAnswer(of origin: String) { silences.withLock { $0[origin] = nil } }
}
