import EarmarkAnswer
import EarmarkMedia
import EarmarkService
import EarmarkStore

/// What the store says of an input that a worker refused: whoever holds a bundle's key would else write into its lists
/// what he likes.
enum RefusalWords {
    /// The code of a file whose analysis crashed or was killed.
    private static let killed = "killed-analysis"

    /// The reason for each code that workers give, in half a sentence.
    private static let reasons: [String: String] = Dictionary(
        media.map { ($0.rawValue, $1) } + [
            (Worker.changed, "it was not the input that was planned"),
            (Worker.notHeld, "the bundle did not hold its meeting"),
            (InputFetcher.urlRefused, "its URL is never asked"),
            (InputFetcher.serverRefused, "the server did not give it out"),
            (killed, "its analysis crashed or was killed"),
            (ServiceError.Code.timeOutside.rawValue, "nobody looks for the meeting's mark at the time that was stated"),
            (ServiceError.Code.defect.rawValue, "the analysis contradicted itself"),
            (StoreError.Code.valueInvalid.rawValue, "its row of the manifest cannot be used"),
            (StoreError.Code.ambiguousMeeting.rawValue, "several meetings are called as its row says"),
        ], uniquingKeysWith: { first, _ in first })

    private static let media: [(MediaError.Code, String)] = [
        (.notFound, "there was no such file"), (.unreadable, "it could not be read"),
        (.unsupportedType, "its content is of a type that is not analysed"),
        (.tooLarge, "it has more bytes, or hours, than are analysed"),
        (.tooShort, "it has no more audio than is demanded"), (.noAudio, "it has no audio track"),
        (.videoOnly, "it has pictures without sound"), (.encrypted, "every audio track is encrypted"),
        (.truncated, "it ends before the part without which nothing can be read"),
        (.corrupt, "its content contradicts its type, or nothing in it decodes"),
        (.unsupportedSampleFormat, "its samples are of a kind that is not read"),
        (.outOfRange, "a rate, a number of channels or a track lies outside what is taken"),
        (.timeLimit, "its analysis took longer than it may"),
    ]

    /// Codes of inputs that may not have been read.
    private static let unread: Set<String> = [
        MediaError.Code.notFound.rawValue, MediaError.Code.unreadable.rawValue, MediaError.Code.tooLarge.rawValue,
        Worker.notHeld, InputFetcher.urlRefused, InputFetcher.serverRefused, killed,
        StoreError.Code.valueInvalid.rawValue, StoreError.Code.ambiguousMeeting.rawValue,
    ]

    /// Codes of inputs that nobody had, or had another one for.
    private static let unhad: Set<String> = [
        MediaError.Code.notFound.rawValue, MediaError.Code.unreadable.rawValue, Worker.changed, Worker.notHeld,
        InputFetcher.urlRefused, InputFetcher.serverRefused, killed,
    ]

    /// Whether a refusal says nothing of the recording that was planned, so that an answer takes its place.
    static func saysNothing(_ code: String) -> Bool { unhad.contains(code) }

    /// What is stored with a code; nil for one that no worker gives.
    static func text(_ code: String) -> String? {
        reasons[code].map { "was not analysed: \($0), says a worker. To know more, analyse it where the store is." }
    }

    /// Whether an input is refused in this way only once it was read, so that its digest is known.
    static func isOfContent(_ code: String) -> Bool { !unread.contains(code) }
}

extension WorkLine {
    /// Whether it is about what was planned: an input with this digest, or one of which it says otherwise.
    func isAbout(_ planned: String?) -> Bool {
        guard let sha256 else { return outcome.refusal.map { !RefusalWords.isOfContent($0.code) } ?? false }
        guard let planned else { return true }
        return (sha256 == planned) == (outcome.refusal?.code != Worker.changed)
    }
}
