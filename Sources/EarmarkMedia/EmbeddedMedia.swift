/// A recording that stands behind something else, such as a picture or a document: players find some of these.
struct EmbeddedMedia {
    /// What it is.
    let name: String
    /// Its first byte.
    let offset: Int64

    /// Bytes that are looked at one by one for a head; frames are looked for in all of a file.
    private static let span = 8 << 20

    /// The first recording in `source` that does not begin at its first byte; nil if none is found.
    init?(_ source: ByteSource) {
        let bytes = source.bytes(at: 0, count: EmbeddedMedia.span)
        let head = EmbeddedMedia.head(in: bytes)
        let frames = MPEGAudioSync.find(in: source, from: 1)
        if let head, head.offset < frames?.offset ?? .max {
            self = head
        } else if let frames {
            name = MPEGAudioWalk.name(of: frames.stream)
            offset = frames.offset
        } else {
            return nil
        }
    }

    private init(name: String, offset: Int64) {
        self.name = name
        self.offset = offset
    }

    private static func head(in bytes: [UInt8]) -> EmbeddedMedia? {
        // Every head has one of these where it begins, or four bytes behind.
        for place in bytes.indices.dropFirst() where bytes[place] == 0x52 || bytes[place] == 0x66 {
            if bytes.contains("RIFF", at: place), bytes.contains("WAVE", at: place + 8) {
                return EmbeddedMedia(name: "WAV", offset: Int64(place))
            }
            if bytes.contains("RIFF", at: place), bytes.contains("AVI ", at: place + 8) {
                return EmbeddedMedia(name: "AVI", offset: Int64(place))
            }
            if place > 4, bytes.contains("ftyp", at: place), let size = bytes.bigEndian32(at: place - 4),
                (8...1_024).contains(size), bytes.fourCC(at: place + 4)?.isName ?? false
            {
                return EmbeddedMedia(name: "MP4 or MOV", offset: Int64(place - 4))
            }
        }
        return nil
    }

    /// That it is there, and how it is taken out, as a sentence behind another.
    var words: String { " From byte \(grouped(offset)) on it may be \(name): 'tail -c +\(offset + 1)' takes that out." }
}
