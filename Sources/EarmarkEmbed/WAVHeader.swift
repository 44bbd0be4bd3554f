/// The beginning of a WAV stream, up to its samples; sizes may be unknown, as streaming programs write them.
public struct WAVHeader: Sendable, Equatable {
    /// How samples are stored.
    public let format: RawFormat
    /// Hertz.
    public let sampleRate: Int
    /// Channels.
    public let channels: Int
    /// Bytes in front of the samples.
    public let byteCount: Int
    /// Bytes of samples; nil if the header does not know.
    public let dataBytes: Int?

    /// What a parse of the first bytes came to.
    public enum Outcome: Sendable, Equatable {
        /// The header is whole.
        case header(WAVHeader)
        /// More bytes are needed.
        case incomplete
        /// This is no WAV stream that can be marked, and why.
        case unsupported(String)
    }

    /// Longest header that is searched for samples, bytes: room for metadata in front of them.
    public static let longest = 1 << 20

    /// Reads the header at the beginning of `bytes`.
    public static func parse(_ bytes: [UInt8]) -> Outcome {
        guard bytes.count >= 12 else { return .incomplete }
        guard (tag(bytes, 0) == "RIFF" || tag(bytes, 0) == "RF64"), tag(bytes, 8) == "WAVE" else {
            return .unsupported("the input is no WAV stream")
        }
        var offset = 12
        var shape: (format: RawFormat, rate: Int, channels: Int)?
        while true {
            guard bytes.count >= offset + 8 else { return limit(bytes) }
            let name = tag(bytes, offset)
            let size = Int(number(bytes, offset + 4, 4))
            if name == "data" {
                guard let shape else { return .unsupported("the WAV stream has samples before their format") }
                // Both are written by programs that do not know yet, and RF64 keeps its size elsewhere.
                let isKnown = size != 0 && size != 0xFFFF_FFFF && size != 0x7FFF_FFFF
                return .header(
                    WAVHeader(
                        format: shape.format, sampleRate: shape.rate, channels: shape.channels, byteCount: offset + 8,
                        dataBytes: isKnown ? size : nil))
            }
            guard bytes.count >= offset + 8 + min(size, longest) else { return limit(bytes) }
            if name == "fmt " {
                guard size >= 16 else { return .unsupported("the WAV stream's format is cut short") }
                var code = Int(number(bytes, offset + 8, 2))
                if code == 0xFFFE, size >= 26 { code = Int(number(bytes, offset + 32, 2)) }
                let bits = Int(number(bytes, offset + 22, 2))
                guard let format = format(code: code, bits: bits) else {
                    return .unsupported("the WAV stream holds samples of another kind than PCM or floats")
                }
                shape = (format, Int(number(bytes, offset + 12, 4)), Int(number(bytes, offset + 10, 2)))
            }
            offset += 8 + size + size & 1
        }
    }

    private static func limit(_ bytes: [UInt8]) -> Outcome {
        bytes.count >= longest ? .unsupported("the WAV stream has no samples in its first MiB") : .incomplete
    }

    private static func format(code: Int, bits: Int) -> RawFormat? {
        switch (code, bits) {
        case (1, 8): .u8
        case (1, 16): .s16le
        case (1, 24): .s24le
        case (1, 32): .s32le
        case (3, 32): .f32le
        case (3, 64): .f64le
        default: nil
        }
    }

    private static func tag(_ bytes: [UInt8], _ offset: Int) -> String {
        String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
