/// Files of the MP4 family put together by hand, such as small ones that promise much.
enum Bombs {
    static func number(_ value: Int, _ size: Int = 4) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] {
        let content = parts.reduce(into: []) { $0 += $1 }
        return number(8 + content.count) + Array(type.utf8) + content
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// PCM in a track of a file.
    struct Track {
        /// Four characters of its format, and the box that describes it further.
        var kind = "raw "
        var description: [UInt8] = []
        var rate = 8_000
        var channels = 1
        /// Bytes of a frame.
        var width = 1
        /// How often all of the data are played.
        var times = 1
        /// Whether that means the beginning of the file in place of the data.
        var isAtStart = false
    }

    /// A file with `count` tracks, all of them on the same `data`.
    static func file(_ track: Track, count: Int = 1, brand: String = "qt  ", data: [UInt8]) -> [UInt8] {
        let head = box("ftyp", Array(brand.utf8), number(0), Array(brand.utf8))
        let frames = data.count / track.width
        let total = frames * track.times
        let bits = track.kind == "raw " ? 8 : 16
        let entry = box(
            track.kind, zeros(6), number(1, 2), zeros(8), number(track.channels, 2), number(bits, 2), zeros(4),
            number(track.rate << 16), track.description)
        let first = number(track.isAtStart ? 0 : head.count + 8)
        let chunks = track.isAtStart ? zeros(4 * track.times) : (0..<track.times).flatMap { _ in first }
        let table = box(
            "stbl", box("stsd", number(0), number(1), entry),
            box("stts", number(0), number(1), number(total), number(1)),
            box("stsc", number(0), number(1), number(1), number(frames), number(1)),
            box("stsz", number(0), number(track.width), number(total)),
            box("stco", number(0), number(track.times), chunks))
        let place = box("dinf", box("dref", number(0), number(1), box("url ", number(1))))
        let media = box(
            "mdia", box("mdhd", zeros(12), number(track.rate), number(total), number(0x55C4, 2), zeros(2)),
            box("hdlr", zeros(8), Array("soun".utf8), zeros(13)), box("minf", box("smhd", zeros(8)), place, table))
        let tracks = (1...count).flatMap { box("trak", box("tkhd", number(3), zeros(8), number($0), zeros(68)), media) }
        let movie = box("mvhd", zeros(12), number(track.rate), number(total), zeros(76), number(count + 1))
        return head + box("mdat", data) + box("moov", movie, tracks)
    }

    /// A file of 8-bit noise of which a track plays the same `bytes` over and over.
    static func movie(hours: Double, channels: Int = 1, tracks: Int = 1, bytes: Int = 65_536) -> [UInt8] {
        var state: UInt64 = 5
        let noise = (0..<bytes).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        let times = Int(hours * 3_600 * 8_000) * channels / bytes
        return file(Track(channels: channels, width: channels, times: max(1, times)), count: tracks, data: noise)
    }
}
