/// MP3 with bytes before every frame, which decoders pass over. Not AAC: FFmpeg loses half of that.
extension MPEGAudioSync {
    /// Where MP3 begins within `searchSpan` of `start` whose frames do not follow one another at once.
    ///
    /// For what is no other stream: a far look is not worth it.
    static func findSpaced(in source: ByteSource, from start: Int64) -> (stream: Stream, offset: Int64)? {
        let bytes = source.bytes(at: start, count: searchSpan)
        let first = bytes.indices.first { offset in
            bytes[offset] == 0xFF && spacedFrames(in: bytes, from: offset, atMost: framesFarOff) == framesFarOff
        }
        return first.map { (.mp3, start + Int64($0)) }
    }

    /// How many frames alike follow one another from `start`, each at most `spacing` bytes behind the end of the last.
    static func spacedFrames(in bytes: [UInt8], from start: Int, atMost most: Int) -> Int {
        guard let first = fixedPart(in: bytes, at: start) else { return 0 }
        var position = start
        var count = 0
        while count < most, let length = frameLength(of: .mp3, in: bytes, at: position) {
            count += 1
            let end = position + length
            let next = (end...end + spacing).first { fixedPart(in: bytes, at: $0) == first }
            guard let next else { break }
            position = next
        }
        return count
    }

    /// What the heads of all frames of a stream have in common, 17 bits; nil where none stands.
    private static func fixedPart(in bytes: [UInt8], at offset: Int) -> UInt32? {
        guard frameLength(of: .mp3, in: bytes, at: offset) != nil else { return nil }
        return bytes.bigEndian32(at: offset).map { $0 & 0xFFFE_0C00 }
    }
}
