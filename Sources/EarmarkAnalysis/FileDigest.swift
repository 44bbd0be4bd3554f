internal import Crypto
internal import EarmarkMedia

/// SHA-256 of a recording, as 64 lower-case hexadecimal digits.
enum FileDigest {
    static func sha256(_ recording: RecordingDecoder) throws -> String {
        var hash = SHA256()
        try recording.forEachChunk { hash.update(bufferPointer: $0) }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
