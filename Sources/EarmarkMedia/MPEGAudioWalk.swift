/// Goes through a raw stream from frame to frame, for what stands in it that is none of it: decoders pass that over
/// without a word, or take it for damage.
struct MPEGAudioWalk {
    /// What is not examined: half sentences.
    private(set) var unread: [String] = []
    /// Where the last frame of the stream itself ends.
    private(set) var end: Int64

    /// The frames of the stream itself, as far as they are alike.
    private var steady = SteadyFrames()

    private let source: ByteSource
    private let window: Range<Int64>
    private let stream: MPEGAudioSync.Stream
    /// Whether bytes stand before every frame.
    private let isSpaced: Bool
    /// Bytes of frames of other kinds, and where the first of each begins.
    private var others: [(stream: MPEGAudioSync.Stream, offset: Int64, bytes: Int64)] = []
    private var block: (start: Int64, bytes: [UInt8]) = (0, [])

    /// Where tags stand between frames.
    private(set) var tags: [Range<Int64>] = []
    /// Of these that are noted.
    private static let maximumTags = 1_000
    /// Bytes that are read at a time.
    private static let blockSize = 1 << 20
    /// Bytes behind a place that must be at hand there: the frames that prove another stream.
    private static let lookahead = Int64(MPEGAudioSync.framesFarOff * 8_208)
    /// Frames in a row by which the stream itself goes on; another must show as many as far from any beginning.
    private static let framesToGoOn = 2
    /// Bytes of frames of another kind that are worth a word.
    private static let leastOther: Int64 = 4_096
    /// Bytes in a row that are no frames and no zeros, from which on they are worth a word: a second of sound in the
    /// tightest form has fewer, and damage is counted by packets.
    private static let leastJunk: Int64 = 65_536

    /// Walks through `window`, which begins with a frame of `stream`; `isSpaced`: bytes stand before every further one.
    init(_ source: ByteSource, _ stream: MPEGAudioSync.Stream, in window: Range<Int64>, isSpaced: Bool = false) {
        self.source = source
        self.stream = stream
        self.isSpaced = isSpaced
        self.window = window
        end = window.lowerBound
        var position = window.lowerBound
        var current = stream
        while position < window.upperBound {
            hold(position)
            if let length = length(of: current, at: position) {
                note(current, position, Int64(length))
                position += Int64(length)
            } else {
                position = findNext(from: position, &current)
            }
        }
        end = min(end, window.upperBound)
        for other in others where other.bytes >= MPEGAudioWalk.leastOther {
            unread.append(
                "\(grouped(other.bytes)) bytes of \(MPEGAudioWalk.name(of: other.stream)) stand behind the beginning, "
                    + "which is \(MPEGAudioWalk.name(of: stream)), from byte \(grouped(other.offset)) on")
        }
    }

    /// Length by the headers of all frames, seconds, where these are MP3 of one bit rate and nothing else stands in the
    /// window: only then is a share of its bytes the same share of its time.
    var steadySeconds: Double? { stream == .mp3 ? steady.seconds(filling: window) : nil }

    /// Whether what follows the last frame of the stream is another.
    var endsInAnother: Bool {
        others.contains { $0.bytes >= MPEGAudioWalk.leastOther && $0.offset >= end }
    }

    static func name(of stream: MPEGAudioSync.Stream) -> String {
        switch stream {
        case .mp3: "MP3"
        case .adts: "AAC (ADTS)"
        case .loas: "AAC (LATM)"
        }
    }

    private mutating func note(_ kind: MPEGAudioSync.Stream, _ offset: Int64, _ length: Int64) {
        if kind == stream {
            end = offset + length
            steady.take(block.bytes.bigEndian32(at: Int(offset - block.start)), length)
        } else if let index = others.firstIndex(where: { $0.stream == kind }) {
            others[index].bytes += length
        } else {
            others.append((kind, offset, length))
        }
    }

    /// Reads on, so that what follows `position` is at hand.
    private mutating func hold(_ position: Int64) {
        let held = block.start + Int64(block.bytes.count)
        let isHeld = position >= block.start && (position + MPEGAudioWalk.lookahead <= held || held >= source.size)
        if !isHeld || block.bytes.isEmpty {
            block = (position, source.bytes(at: position, count: MPEGAudioWalk.blockSize))
        }
    }

    private func length(of kind: MPEGAudioSync.Stream, at position: Int64) -> Int? {
        MPEGAudioSync.frameLength(of: kind, in: block.bytes, at: Int(position - block.start))
    }

    /// Where frames go on, of whichever kind, from a place on where none is of the `current` one; the end of the window
    /// if nowhere.
    private mutating func findNext(from start: Int64, _ current: inout MPEGAudioSync.Stream) -> Int64 {
        var position = start
        var junk: Int64 = 0
        defer { tell(junk: junk, from: start) }
        while position < window.upperBound {
            hold(position)
            let place = Int(position - block.start)
            guard place < block.bytes.count else { return window.upperBound }
            if let kind = beginning(at: place) {
                current = kind
                return position
            }
            if let tag = MPEGAudioTags.length(ofTag: block.bytes, at: place), position + tag <= window.upperBound {
                if tags.count < MPEGAudioWalk.maximumTags { tags.append(position..<position + tag) }
                position += tag
                continue
            }
            let limit = Int(min(window.upperBound - block.start, Int64(block.bytes.count)))
            let skipped = MPEGAudioWalk.skip(block.bytes, from: place, to: limit)
            junk += Int64(skipped.junk)
            position += Int64(skipped.next - place)
        }
        return window.upperBound
    }

    private mutating func tell(junk: Int64, from start: Int64) {
        guard junk >= MPEGAudioWalk.leastJunk, unread.count < JudgedRecording.maximumUnread else { return }
        unread.append(
            "\(grouped(junk)) bytes that are no frames of \(MPEGAudioWalk.name(of: stream)) stand in it, from byte "
                + "\(grouped(start)) on")
    }

    /// The stream that begins at a place.
    private func beginning(at place: Int) -> MPEGAudioSync.Stream? {
        guard block.bytes[place] == 0xFF || block.bytes[place] == 0x56 else { return nil }
        return [MPEGAudioSync.Stream.adts, .mp3, .loas].first { kind in
            let needed = kind == stream ? MPEGAudioWalk.framesToGoOn : MPEGAudioSync.framesFarOff
            let chain = MPEGAudioSync.frames(of: kind, in: block.bytes, from: place, atMost: needed)
            if chain.count >= needed || kind == stream && chain.reachesEnd { return true }
            guard isSpaced, kind == stream else { return false }
            return MPEGAudioSync.spacedFrames(in: block.bytes, from: place, atMost: needed) >= needed
        }
    }

    /// Whether a frame or one of the tags "ID3" and "APETAGEX" may begin with a byte.
    private static func mayBegin(_ byte: UInt8) -> Bool { byte == 0xFF || byte == 0x56 || byte == 0x49 || byte == 0x41 }

    /// The next place behind `start` that a frame or a tag may begin at, and how many bytes before it are not zero.
    private static func skip(_ bytes: [UInt8], from start: Int, to limit: Int) -> (next: Int, junk: Int) {
        bytes.withUnsafeBufferPointer { bytes in
            var place = start
            var junk = 0
            repeat {
                if bytes[place] != 0 { junk += 1 }
                place += 1
            } while place < limit && !mayBegin(bytes[place])
            return (place, junk)
        }
    }
}

extension MPEGAudioTags {
    /// Bytes of the ID3v2 or APEv2 tag that begins at `place`; nil if none does.
    static func length(ofTag bytes: [UInt8], at place: Int) -> Int64? {
        if bytes.contains("ID3", at: place) { return id3Length(Array(bytes[place...].prefix(Int(headerLength)))) }
        guard bytes.contains("APETAGEX", at: place), let size = bytes.littleEndian32(at: place + 12),
            let flags = bytes.littleEndian32(at: place + 20)
        else { return nil }
        let isHeader: UInt32 = 0x2000_0000
        return 32 + (flags & isHeader != 0 ? Int64(size) : 0)
    }
}
