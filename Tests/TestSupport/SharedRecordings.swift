import EarmarkMark

/// One speech-like host and two clients' copies of it, made once for all tests: marking is slow without the optimiser.
public enum SharedRecordings {
    /// Length, seconds: more than what analysis demands.
    public static let seconds = 104.0
    /// Meeting time of the first sample, seconds.
    public static let start = 1_234.5
    /// Clients of meeting 1 whose copies there are.
    public static let clients = [17, 31]

    /// The unmarked host at 16 kHz.
    public static let host = SpeechLike.samples(seconds: seconds, seed: 61)

    private static let first = Result { try Marking.mark(host, seeds: TestKeys.mark(client: clients[0]), at: start) }
    private static let second = Result { try Marking.mark(host, seeds: TestKeys.mark(client: clients[1]), at: start) }

    /// The copy that client 17 would have recorded.
    public static func copyOfFirst() throws -> [Float] { try first.get() }

    /// The copy that client 31 would have recorded.
    public static func copyOfSecond() throws -> [Float] { try second.get() }
}
