import EarmarkAnswer

/// What curl's exit statuses, and servers' own, mean for another try.
enum CurlStatus {
    /// Exit status: the file is larger than is taken.
    static let tooLarge: Int32 = 63
    /// Exit status: the server's status is an error.
    private static let serverSaysNo: Int32 = 22
    /// Exit status: the server cannot go on from a byte.
    private static let noRange: Int32 = 33
    /// Server's status: this is the file from its first byte.
    static let whole = 200
    /// Server's status: this is the file from the byte that was asked for.
    static let rest = 206
    /// Server's status: there is nothing from this byte on.
    private static let rangeNotSatisfiable = 416
    /// Exit statuses that asking again at once does not change: another protocol, a URL that is none, too many
    /// redirections.
    private static let final: Set<Int32> = [1, 3, 47]
    /// Exit statuses of connections that another try may have: no address, no connection, broken off, too slow.
    private static let passing: Set<Int32> = [5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92, 95, 96]
    /// Servers' statuses that ask for patience: time-out, too early, too many.
    private static let patient: Set<Int> = [408, 425, 429]
    /// Exit statuses of curls that this machine is to blame for: they cannot begin, write, read their certificates or
    /// do what they are told.
    private static let ownFaults: Set<Int32> = [2, 4, 23, 26, 27, 43, 48, 77, 126]
    private static let gone: Set<Int> = [404, 410]
    /// Servers' statuses of requests that are not let in; 400 is that of some for signatures of another form or time.
    private static let barred: Set<Int> = [400, 401, 403, 407]

    /// Whether nothing came, not even a status, and not because of this machine or a certificate.
    static func isSilence(_ end: CurlRun.End) -> Bool { end.response == 0 && passing.contains(end.status) }

    /// Whether the server must be asked for all of it.
    static func asksForAll(_ end: CurlRun.End) -> Bool {
        end.status == noRange || end.response == rangeNotSatisfiable
    }

    /// Why an input is not there, where it is no use to ask again at once; nil if that may help.
    ///
    /// What a server says no to is asked for again by the next process: with a fresh signature, or when the file is
    /// where it belongs. A wrong or expired way to a file says nothing of the file.
    ///
    /// `server`: whom was asked.
    static func failure(_ end: CurlRun.End, _ server: String) -> InputFailure? {
        if ownFaults.contains(end.status) { return .ownFault(text(end)) }
        if final.contains(end.status) {
            return .lost(RunError(.inputOutput, text(end)), refusal: InputFetcher.urlRefused)
        }
        if asksForAll(end) || passing.contains(end.status) { return nil }
        guard end.status == serverSaysNo, (400..<500).contains(end.response) else {
            return end.status == serverSaysNo
                ? nil : .lost(RunError(.inputOutput, text(end), obstacle: obstacle(end, server)))
        }
        if patient.contains(end.response) { return nil }
        if gone.contains(end.response) {
            return .lost(RunError(.unknownInput, "\(text(end)): see whether URL or --root are right"))
        }
        let lets = barred.contains(end.response) ? ": the signature or password may have expired, or be wrong" : ""
        return .lost(RunError(.inputOutput, text(end) + lets), refusal: InputFetcher.serverRefused)
    }

    /// What is wrong with a server as a whole.
    static func obstacle(_ end: CurlRun.End, _ server: String) -> RunError.Obstacle {
        .server("\(server): \(end.status) \(end.response)")
    }

    /// What went wrong, in half a sentence.
    static func text(_ end: CurlRun.End) -> String {
        if end.status == serverSaysNo { return "the server's status is \(end.response)" }
        let words = end.words.hasSuffix(".") ? String(end.words.dropLast()) : end.words
        return words.isEmpty ? "curl ends with status \(end.status)" : "\(words) (curl's status \(end.status))"
    }
}
