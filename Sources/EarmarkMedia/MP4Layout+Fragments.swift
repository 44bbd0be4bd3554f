/// Fragments (`moof`), and parts of an index where none should be.
extension MP4Layout {
    /// What fragments say of a track.
    struct TrackFragments {
        /// Where the first one begins on the track's clock.
        var start: UInt64?
        /// The sample descriptions that samples lie under, from 1.
        var entries: Set<UInt32> = []
    }

    /// Track fragments of a fragment that are read.
    private static let maximumParts = 4_096
    /// Bytes of a fragment that are read at a time: its head, and those of its only track.
    private static let headLength = 128

    /// Takes note of where the tracks of a fragment begin, unless an earlier one says so, and of the sample
    /// descriptions that it is under.
    mutating func readFragment(_ fragment: Box) {
        let limit = min(fragment.end, source.size)
        var head = Head(source, MP4Layout.headLength)
        var offset = fragment.body
        for _ in 0..<MP4Layout.maximumParts {
            guard offset + 8 <= limit, let part = head.box(at: offset, limit: limit) else { return }
            if part.type == "traf" { readTrackFragment(part, &head) }
            offset = part.end
        }
    }

    private mutating func readTrackFragment(_ part: Box, _ head: inout Head) {
        var identifier: UInt32?
        var offset = part.body
        // `tfhd` is first, `tfdt` next to it (ISO 14496-12, 8.8.12).
        for _ in 0..<4 {
            guard offset + 8 <= part.end, let box = head.box(at: offset, limit: part.end) else { return }
            let bytes = head.bytes(at: box.body, count: 20)
            switch box.type {
            case "tfhd":
                identifier = bytes.bigEndian32(at: 4)
                noteEntry(bytes, identifier)
            case "tfdt":
                let time = bytes.first == 1 ? bytes.bigEndian64(at: 4) : bytes.bigEndian32(at: 4).map(UInt64.init)
                if let identifier, fragments[identifier]?.start == nil {
                    note(identifier) { $0.start = time }
                }
                return
            default: break
            }
            offset = box.end
        }
    }

    /// Takes note of the sample description that a fragment is under, if it says so (ISO 14496-12, 8.8.7).
    private mutating func noteEntry(_ bytes: [UInt8], _ identifier: UInt32?) {
        let (hasOffset, hasEntry): (UInt8, UInt8) = (1, 2)
        guard bytes.count >= 12, bytes[3] & hasEntry != 0, let identifier,
            let entry = bytes.bigEndian32(at: bytes[3] & hasOffset != 0 ? 16 : 8)
        else { return }
        note(identifier) { if $0.entries.count < MP4Layout.maximumEntries { $0.entries.insert(entry) } }
    }

    private mutating func note(_ identifier: UInt32, _ change: (inout TrackFragments) -> Void) {
        guard fragments.count < MP4Layout.maximumTracks || fragments[identifier] != nil else { return }
        change(&fragments[identifier, default: .init()])
    }

    /// Takes note of the sample descriptions that fragments are under where they do not say so themselves (`trex`).
    mutating func readDefaults(_ extends: Box) {
        for box in children(of: extends) where box.type == "trex" {
            let bytes = source.bytes(at: box.body, count: 12)
            guard let identifier = bytes.bigEndian32(at: 4), let entry = bytes.bigEndian32(at: 8) else { continue }
            note(identifier) { $0.entries.insert(entry) }
        }
    }

    /// Gives tracks what fragments say of them, once the index is read, wherever it stands.
    mutating func settleFragments() {
        guard isFragmented else { return fragments = [:] }
        for index in tracks.indices {
            tracks[index].usedEntries.formUnion(fragments[tracks[index].identifier]?.entries ?? [])
        }
    }

    // MARK: What stands where it should not

    /// Boxes that belong into an index, and that FFmpeg reads wherever they stand.
    static let partsOfIndex: Set<FourCC> = [
        "trak", "mdia", "minf", "stbl", "dinf", "edts", "udta", "mvex", "traf", "wave", "tref", "ilst", "sinf", "schi",
        "gmhd", "cmov", "stsd", "stts", "stsc", "stsz", "stz2", "stco", "co64", "ctts", "elst", "tkhd", "mdhd", "mvhd",
        "hdlr", "trex", "dref",
    ]

    /// Hides a box of the index that stands outside of it, or in it where none of its kind does, and tells of tracks.
    mutating func hideStray(_ box: Box, isInIndex: Bool = false) {
        let isTrack = box.type == "trak"
        guard isTrack || !isInIndex || MP4Layout.partsOfIndex.contains(box.type) else { return }
        userDataOffsets.append(box.typeOffset)
        // Those within are told as they are found.
        guard isTrack else { return _ = children(of: box) }
        guard unread.count < JudgedRecording.maximumUnread else { return }
        unread.append("a track (trak) stands outside of its place in the index, at byte \(grouped(box.typeOffset - 4))")
    }
}

/// Reads heads of boxes that lie close together with few calls.
private struct Head {
    private let source: ByteSource
    private let length: Int
    private var start: Int64 = 0
    private var held: [UInt8] = []

    init(_ source: ByteSource, _ length: Int) {
        self.source = source
        self.length = length
    }

    /// As `ByteSource.bytes`.
    mutating func bytes(at offset: Int64, count: Int) -> [UInt8] {
        if offset < start || offset + Int64(count) > start + Int64(held.count) {
            (start, held) = (offset, source.bytes(at: offset, count: max(count, length)))
        }
        let first = Int(offset - start)
        return first < held.count ? Array(held[first..<min(held.count, first + count)]) : []
    }

    /// The box whose header stands at `offset`, within a parent that ends at `limit`.
    mutating func box(at offset: Int64, limit: Int64) -> MP4Layout.Box? {
        MP4Layout.box(bytes(at: offset, count: 16), at: offset, limit: limit).flatMap { $0.end <= limit ? $0 : nil }
    }
}
