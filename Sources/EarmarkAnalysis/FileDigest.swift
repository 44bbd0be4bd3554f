internal import Crypto
internal import EarmarkFiles
internal import EarmarkMedia

/// SHA-256 of a recording, as 64 lower-case hexadecimal digits.
public enum FileDigest {
    /// Digest of the plain file at `path`, whatever it holds.
    ///
    /// - Throws: `MediaError` `notFound` or `unreadable`.
    public static func sha256(path: String) throws -> String {
        var hash = SHA256()
        try RecordingDecoder.forEachChunk(path: path) { hash.update(bufferPointer: $0) }
        return Hexadecimal.text(hash.finalize())
    }

    /// Digest of `bytes`.
    package static func sha256(of bytes: [UInt8]) -> String { Hexadecimal.text(SHA256.hash(data: bytes)) }

    static func sha256(_ recording: RecordingDecoder) throws -> String {
        var hash = SHA256()
        try recording.forEachChunk { hash.update(bufferPointer: $0) }
        return Hexadecimal.text(hash.finalize())
    }
}
