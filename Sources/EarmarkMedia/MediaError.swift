/// What is wrong with a media file, in words a user can act on.
///
/// Two errors are equal when their codes are.
public struct MediaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, for programs.
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// No file lies at the path.
        case notFound
        /// The file exists but cannot be opened or read, or is not a regular file.
        case unreadable
        /// The content is not of a type that is accepted here.
        case unsupportedType
        /// The file holds more bytes than the policy allows.
        case tooLarge
        /// The decoded audio is not longer than the policy demands.
        case tooShort
        /// The file holds no audio track.
        case noAudio
        /// The file holds video tracks but no audio track.
        case videoOnly
        /// Every audio track is encrypted.
        case encrypted
        /// The file ends before the part without which it cannot be read.
        case truncated
        /// The content contradicts its type, or nothing in it decodes.
        case corrupt
        /// The sample format or codec cannot be read or written here.
        case unsupportedSampleFormat
        /// Writing failed: no space, no permission, or the library refused.
        case writeFailed
        /// A sample rate, channel count or track number lies outside the accepted range.
        case outOfRange
        /// The analysis took longer than the policy allows.
        case timeLimit

        /// Whether the content decides it, so that asking again about the same content ends the same way.
        public var isDecidedByContent: Bool {
            switch self {
            case .unsupportedType, .unsupportedSampleFormat, .tooLarge, .tooShort, .noAudio, .videoOnly, .encrypted,
                .truncated, .corrupt, .outOfRange, .timeLimit:
                true
            case .notFound, .unreadable, .writeFailed: false
            }
        }
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do, one or two sentences.
    public let message: String
    /// The file concerned.
    public let path: String
    /// What the codec is called that there is no decoder for.
    let codecName: String?
    /// Whether the file, or something beside it, is why.
    package let cause: Cause

    /// Who is to blame.
    package enum Cause: Sendable {
        /// The file, as far as is known.
        case file
        /// Whoever killed the process that decodes it, from outside: the file alone did not.
        case killer
        /// The machine, which has no process to decode it with.
        case machine
    }

    /// Describes a failure concerning the file at `path`.
    public init(_ code: Code, _ message: String, path: String) {
        self.init(code, message, path: path, codecName: nil)
    }

    /// The same, of which something beside the file is the cause.
    init(_ code: Code, _ message: String, path: String, cause: Cause) {
        self.init(code, message, path: path, codecName: nil, cause: cause)
    }

    init(_ code: Code, _ message: String, path: String, codecName: String?, cause: Cause = .file) {
        self.cause = cause
        self.code = code
        self.message = message
        self.path = path
        self.codecName = codecName
    }

    /// Path and message.
    public var description: String { "\(path): \(message)" }

    /// Equality of codes.
    public static func == (left: MediaError, right: MediaError) -> Bool { left.code == right.code }
}
