import EarmarkMedia

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
    /// Server's status: there is nothing from this byte on.
    private static let rangeNotSatisfiable = 416
    /// Exit statuses that no other try changes: another protocol, a URL that is none, too many redirections.
    private static let final: Set<Int32> = [1, 3, 47]
    /// Exit statuses of connections that another try may have: no address, no connection, broken off, too slow.
    private static let passing: Set<Int32> = [5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92, 95, 96]
    /// Servers' statuses that ask for patience: time-out, too early, too many.
    private static let patient: Set<Int> = [408, 425, 429]
    private static let gone: Set<Int> = [404, 410]

    /// Whether the server must be asked for all of it.
    static func asksForAll(_ end: CurlRun.End) -> Bool {
        end.status == noRange || end.response == rangeNotSatisfiable
    }

    /// The code of a refusal that stands; nil if another try may help.
    static func refusal(_ end: CurlRun.End) -> String? {
        if final.contains(end.status) { return InputFetcher.urlRefused }
        guard end.status == serverSaysNo, (400..<500).contains(end.response), !patient.contains(end.response),
            !asksForAll(end)
        else { return nil }
        return gone.contains(end.response) ? MediaError.Code.notFound.rawValue : InputFetcher.serverRefused
    }

    /// Whether it is worth to try again at once.
    static func mayHeal(_ end: CurlRun.End) -> Bool {
        asksForAll(end) || end.status == serverSaysNo || passing.contains(end.status)
    }

    /// What went wrong, in half a sentence.
    static func text(_ end: CurlRun.End) -> String {
        if end.status == serverSaysNo { return "the server's status is \(end.response)" }
        let words = end.words.hasSuffix(".") ? String(end.words.dropLast()) : end.words
        return words.isEmpty ? "curl ends with status \(end.status)" : "\(words) (curl's status \(end.status))"
    }
}
