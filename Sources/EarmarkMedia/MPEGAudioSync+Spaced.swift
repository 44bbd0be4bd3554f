/// Streams with bytes before every frame, which decoders pass over.
extension MPEGAudioSync {
    /// The first stream within `searchSpan` of `start` whose frames do not follow one another at once.
    ///
    /// For what is no other stream: a far look is not worth it.
    static func findSpaced(in source: ByteSource, from start: Int64) -> (stream: Stream, offset: Int64)? {
        let bytes = source.bytes(at: start, count: searchSpan)
        for offset in bytes.indices where bytes[offset] == 0xFF {
            for stream in [Stream.adts, .mp3]
            where spacedFrames(of: stream, in: bytes, from: offset, atMost: framesFarOff) == framesFarOff {
                return (stream, start + Int64(offset))
            }
        }
        return nil
    }

    /// How many frames alike follow one another from `start`, each at most `spacing` bytes behind the end of the last.
    static func spacedFrames(of stream: Stream, in bytes: [UInt8], from start: Int, atMost most: Int) -> Int {
        guard let first = fixedPart(of: stream, in: bytes, at: start) else { return 0 }
        var position = start
        var count = 0
        while count < most {
            guard let length = frameLength(of: stream, in: bytes, at: position) else { break }
            count += 1
            let end = position + length
            let next = (end...end + spacing).first { fixedPart(of: stream, in: bytes, at: $0) == first }
            guard let next else { break }
            position = next
        }
        return count
    }

    /// What the heads of all frames of a stream have in common; nil where none stands.
    ///
    /// With lengths that are right it is 17 bits of MP3, 25 of ADTS.
    private static func fixedPart(of stream: Stream, in bytes: [UInt8], at offset: Int) -> UInt32? {
        guard frameLength(of: stream, in: bytes, at: offset) != nil, let head = bytes.bigEndian32(at: offset) else {
            return nil
        }
        return head & (stream == .mp3 ? 0xFFFE_0C00 : 0xFFFF_FDC0)
    }
}
