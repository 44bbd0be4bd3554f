/// Which parts of a file were read.
struct SeenPages {
    /// Bytes of a page.
    private static let size: Int64 = 4_096
    private var words: [UInt64] = []
    private var count: Int64 = 0

    /// Bytes in all pages that were read.
    var bytes: Int64 { count * SeenPages.size }

    mutating func add(_ range: Range<Int64>) {
        guard !range.isEmpty, range.lowerBound >= 0 else { return }
        for page in Int(range.lowerBound / SeenPages.size)...Int((range.upperBound - 1) / SeenPages.size) {
            while words.count <= page / 64 { words.append(0) }
            let bit = UInt64(1) << UInt64(page % 64)
            if words[page / 64] & bit == 0 { count += 1 }
            words[page / 64] |= bit
        }
    }
}

/// How much audio is believed to come out of so many bytes: an index may point at the same ones over and over.
enum DecodeBounds {
    /// Longest track that is analysed, seconds: its features and a decoder with its index take less than 300 MB.
    static let longestTrack = 57_600.0
    /// Seconds that every file may have, and further ones for each byte that was read.
    ///
    /// Lossless codecs and AAC spend 60 bytes a second and more on digital silence, speech codecs 600.
    private static let seconds = (free: 3_600.0, perByte: 1.0 / 16)
    /// The same for samples of all channels: an hour of 64 channels, and the silence of lossless codecs.
    private static let samples = (free: 2e9, perByte: 4_096.0)

    /// Why no more is decoded of a track that gave `seconds` and `samples` of all channels from `bytes`; nil if it is.
    static func failure(seconds: Double, samples: Double, bytes: Int64, path: String) -> MediaError? {
        if seconds > longestTrack { return tooLong(path) }
        let size = Double(bytes)
        guard
            seconds > self.seconds.free + size * self.seconds.perByte
                || samples > self.samples.free + size * self.samples.perByte
        else { return nil }
        return tooMuch(bytes, path)
    }

    /// The refusal of a track that is too long, by what its header says and its bytes bear out.
    static func tooLong(_ path: String) -> MediaError {
        let hours = Int(longestTrack) / 3_600
        return MediaError(
            .tooLarge,
            "holds more than \(hours) hours of audio. Cut it, and analyse the parts: "
                + ConversionAdvice.parts(of: path, seconds: longestPart), path: path)
    }

    /// Seconds of the parts that a longer recording is cut into.
    static let longestPart = 36_000

    /// Seconds that the tracks of a file may have together beside those for its bytes, on which they may all lie.
    private static let freeForAll = 14_400.0

    /// Why no further track is decoded of a file of `bytes` whose tracks gave `seconds` so far; nil if one is.
    static func failure(ofAll seconds: Double, bytes: Int64, path: String) -> MediaError? {
        seconds > freeForAll + Double(bytes) * self.seconds.perByte ? tooMuch(bytes, path) : nil
    }

    private static func tooMuch(_ bytes: Int64, _ path: String) -> MediaError {
        MediaError(
            .corrupt,
            "promises more audio than \(grouped(bytes)) bytes can hold: the content is made to keep decoders busy.",
            path: path)
    }
}
