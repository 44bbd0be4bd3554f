/// The boxes of an MP4 or QuickTime file that matter before FFmpeg sees it.
///
/// Read independently of FFmpeg for three ends: to say precisely what is wrong with a file; to hide every track but
/// the one wanted, so that video tables are never loaded; and to tell a cut file from a whole one.
struct MP4Layout {
    /// One `trak`.
    struct Track {
        /// Where the four characters `trak` stand; overwritten by `free`, the track is gone.
        var typeOffset: Int64 = 0
        var handler: FourCC = "????"
        var sampleEntry: FourCC = "????"
        var language: String?
        /// In seconds, as the media header claims.
        var seconds: Double?
        /// The samples lie in another file, which is never opened.
        var isExternal = false
        /// The identifier that fragments name it by.
        var identifier: UInt32 = 0
        /// Units of its clock in a second; 0 if not stated.
        var clockRate = 0.0
        /// What a player shows of it; none if all.
        var edits: [Presentation.Edit] = []
        /// The edit list as it stands.
        var editList: [EditEntry] = []
        /// Whether the index itself lists samples.
        var hasSamples = false
        /// The codecs of its sample descriptions, in their order.
        var entries: [FourCC] = []
        /// Which of those samples lie under, from 1.
        var usedEntries: Set<UInt32> = []
        /// Encryption is announced, and not made use of.
        var isClear = false
        /// What FFmpeg must see in place of the sample description.
        var patches: [BytePatch] = []
        /// What its samples are multiplied by.
        var gain: Float = 1
        /// Where its index says where samples lie.
        var tables = SampleTables()
        /// Whether its index has chunks of no samples.
        var hasEmptyChunks = false
        /// Whether it is PCM of which nothing says how wide a sample is.
        var isUndescribed = false

        /// Whether FFmpeg would need more memory for an entry of each sample than it may have.
        var isIndexTooLarge = false
        /// The kind of its data reference, where that names a place.
        var reference: FourCC?

        /// FFmpeg judges by the codec where the handler is not that of pictures.
        var isAudio: Bool { handler == "soun" || handler != "vide" && MP4Layout.audioEntries.contains(sampleEntry) }
        /// Whether nothing but FFmpeg can tell whether it is sound.
        var mayBeAudio: Bool {
            !isAudio && !isVideo && sampleEntry != "????" && !MP4Layout.silentEntries.contains(sampleEntry)
        }
        var isVideo: Bool { handler == "vide" }
        /// Common encryption (`enca`, `encv`) or FairPlay (`drms`, `drmi`).
        var isEncrypted: Bool { !isClear && ["enca", "encv", "drms", "drmi"].contains(sampleEntry) }
        /// Codecs of samples that are of another than the first description has.
        var otherEntries: [FourCC] {
            entries.enumerated().filter { usedEntries.contains(UInt32($0.offset) + 1) && $0.element != sampleEntry }
                .map(\.element)
        }
    }

    /// An entry of an edit list, in units of the clocks of movie and track.
    struct EditEntry {
        var duration: UInt64
        /// nil for a pause.
        var media: Int64?
    }

    /// Units of the movie's clock in a second; 0 if not stated.
    var movieClockRate = 0.0
    /// Whether the index lists other movies in place of tracks.
    var refersToMovies = false
    /// Whether fragments may follow the index.
    var isFragmented = false
    /// What fragments say of tracks, by their identifiers.
    var fragments: [UInt32: TrackFragments] = [:]
    /// Time of the tracks that is shown at 0 where there is no edit list, seconds: broadcasts begin anywhere.
    var origin = 0.0
    /// Major brand of the `ftyp` box; nil without one.
    var brand: FourCC?
    var tracks: [Track] = []
    /// Tracks beyond the limit, of which nothing is known.
    var unreadTracks = 0
    /// What of the file holds audio and is not examined.
    var unread: [String] = []
    /// Where another file begins, as far as types of files tell.
    var secondStart: Int64?
    /// Boxes that hold nothing of a track.
    var unclaimed = UnclaimedParts()
    /// Where boxes of user data (pictures, tags) have their type: hidden from FFmpeg as well.
    var userDataOffsets: [Int64] = []
    /// A box or the sample table reaches past the end of the file.
    var isTruncated = false

    /// Boxes of the top level visited at most: a recording of 24 hours with a fragment for every frame has as many.
    private static let maximumBoxes = 8_000_000
    /// Boxes of the index visited at most.
    static let maximumIndexBoxes = 1_000_000
    /// Tracks looked at, pictures and texts among them; `TrackSurvey` opens fewer.
    static let maximumTracks = 4_096

    /// The file, with what was unpacked behind it.
    var source: ByteSource
    /// What FFmpeg must see of the file itself.
    var patches: [BytePatch] = []
    /// Where the first box stands.
    let start: Int64
    /// Where chunks' offsets count from, which a tag in front may not have changed; nil until the first is known.
    var offsetBase: Int64?
    /// Where media lie.
    private(set) var media: [Range<Int64>] = []
    /// Media boxes that are looked at.
    private static let maximumMedia = 64
    /// Where media lie that are not those of a fragment right before them.
    private(set) var looseMedia: [Range<Int64>] = []
    /// Where the last of these begins, if it lies behind all boxes.
    private(set) var tail: Int64?
    /// Of these that are looked at: recorders that write in pieces make a few thousand.
    private static let maximumLooseMedia = 65_536
    var indexBoxesLeft = MP4Layout.maximumIndexBoxes
    /// Whether boxes of the index are left that were not visited.
    private var isIndexCut = false
    /// Whether boxes of the top level are.
    private var isCut = false

    /// Walks the boxes of `source` from `start` on.
    init(source: ByteSource, at start: Int64 = 0) throws(MediaError) {
        self.source = source
        self.start = start
        var movie: Box?
        var sawMedia = false
        var sawFragment = false
        var beginsWithFragment = false
        var isOfFragment = false
        var typesArePlausible = true
        var last: Box?
        forEachTopLevelBox { box, layout in
            last = box
            switch box.type {
            case "ftyp": layout.noteType(box)
            case "moov" where movie == nil: movie = box
            case "moov": layout.tellSecondIndex(box)
            case "mdat":
                sawMedia = true
                let range = min(box.body, source.size)..<min(max(box.body, box.end), source.size)
                if layout.media.count < MP4Layout.maximumMedia { layout.media.append(range) }
                if !isOfFragment, layout.looseMedia.count < MP4Layout.maximumLooseMedia {
                    layout.looseMedia.append(range)
                }
                isOfFragment = false
            case "moof":
                beginsWithFragment = beginsWithFragment || !sawMedia
                sawFragment = true
                isOfFragment = true
                layout.readFragment(box)
            case "styp", "sidx":
                beginsWithFragment = beginsWithFragment || !sawMedia
                sawFragment = true
            case "meta", "uuid":
                layout.userDataOffsets.append(box.typeOffset)
                layout.addUnclaimed(box)
            case _ where MP4Layout.partsOfIndex.contains(box.type): layout.hideStray(box)
            case "mfra", "ssix", "prft", "emsg": break
            default:
                typesArePlausible = typesArePlausible && box.type.isPlausible
                layout.addUnclaimed(box)
            }
        }
        guard var movie, let last else {
            if isCut { throw tooManyBoxes }
            throw missingMovie(
                sawMedia: !beginsWithFragment && (sawMedia || isTruncated && typesArePlausible),
                sawFragment: sawFragment)
        }
        guard movie.end <= source.size else {
            throw MediaError(
                .truncated,
                "the index (moov box) is cut: it ends at byte \(grouped(movie.end)), the file at "
                    + "\(grouped(source.size)). Get a complete copy of the file.",
                path: source.path)
        }
        if let unpacked = try unpackMovie(movie, last: last) { movie = unpacked }
        read(movie)
    }

    /// Reads the index, and what is to be known of the rest once that is read.
    private mutating func read(_ movie: Box) {
        readMovie(movie)
        if isIndexCut {
            unread.append(
                "its index (moov) has more than \(grouped(Int64(MP4Layout.maximumIndexBoxes))) boxes, and what follows "
                    + "these was not looked at")
        }
        settleFragments()
        settleTimes()
        tellUnusedMedia()
        leaveOutEmptyChunks()
        joinTimes()
    }

    private var tooManyBoxes: MediaError {
        MediaError(
            .corrupt,
            "has more than \(grouped(Int64(MP4Layout.maximumBoxes))) boxes before its index (moov box).",
            path: source.path)
    }

    private func missingMovie(sawMedia: Bool, sawFragment: Bool) -> MediaError {
        if let brand, ["heic", "heix", "mif1", "msf1", "avif", "avis", "jpx ", "jp2 ", "crx "].contains(brand) {
            return MediaError(.unsupportedType, "is an image (\(brand)), not a recording.", path: source.path)
        }
        if sawMedia {
            return MediaError(
                .truncated,
                "the MP4/MOV index (moov box) is missing: the recording was cut off before it was finished. Get a "
                    + "complete copy, or repair it with a tool that rebuilds the index.",
                path: source.path)
        }
        if sawFragment {
            return MediaError(
                .corrupt,
                "is a media segment without the initialisation (moov box) that belongs before it. Join the "
                    + "initialisation segment and all media segments into one file.",
                path: source.path)
        }
        return MediaError(
            .corrupt, "begins like MP4/MOV but holds neither an index (moov box) nor media.", path: source.path)
    }
}

// MARK: - Boxes

extension MP4Layout {
    struct Box {
        var type: FourCC
        var typeOffset: Int64
        /// First byte after the header.
        var body: Int64
        /// First byte after the box, as it claims.
        var end: Int64
        /// Whether it says that it goes on to the end of what holds it.
        var isOpen = false
    }

    /// The box whose header stands at `offset`, within a parent that ends at `limit`.
    func box(at offset: Int64, limit: Int64) -> Box? {
        MP4Layout.box(source.bytes(at: offset, count: 16), at: offset, limit: limit)
    }

    /// The same of a box whose header is `header`.
    static func box(_ header: [UInt8], at offset: Int64, limit: Int64) -> Box? {
        guard let size32 = header.bigEndian32(at: 0), let type = header.fourCC(at: 4) else { return nil }
        var headerLength: Int64 = 8
        var length = Int64(size32)
        if size32 == 1 {
            guard let size64 = header.bigEndian64(at: 8), size64 <= UInt64(Int64.max / 2) else { return nil }
            headerLength = 16
            length = Int64(size64)
        } else if size32 == 0 {
            length = limit - offset
        }
        guard length >= headerLength else { return nil }
        return Box(
            type: type, typeOffset: offset + 4, body: offset + headerLength, end: offset + length,
            isOpen: size32 == 0)
    }

    private mutating func forEachTopLevelBox(_ visit: (Box, inout MP4Layout) -> Void) {
        var offset = start
        var boxesLeft = MP4Layout.maximumBoxes
        while offset + 8 <= source.size, let box = box(at: offset, limit: source.size) {
            guard boxesLeft > 0 else {
                isCut = true
                unread.append(
                    "it has more than \(grouped(Int64(MP4Layout.maximumBoxes))) boxes, and what follows these was not "
                        + "looked at")
                return
            }
            boxesLeft -= 1
            visit(box, &self)
            // Junk after the last box is no box that was cut.
            if box.end > source.size && box.type.isPlausible { isTruncated = true }
            guard box.end <= source.size || box.type.isPlausible else { break }
            offset = box.end
        }
        // What follows the last box may be another file.
        if source.size - offset >= MP4Layout.leastPart {
            looseMedia.append(offset..<source.size)
            tail = offset
        }
    }

    /// The boxes inside `parent`, those that overrun it left out.
    mutating func children(of parent: Box, skipping prefix: Int64 = 0) -> [Box] {
        var found: [Box] = []
        var offset = parent.body + prefix
        while offset + 8 <= parent.end, let box = box(at: offset, limit: parent.end) {
            guard indexBoxesLeft > 0 else {
                isIndexCut = true
                break
            }
            indexBoxesLeft -= 1
            guard box.end <= parent.end else { break }
            if box.type == "trak", parent.type != "moov" { hideStray(box) }
            found.append(box)
            offset = box.end
        }
        return found
    }
}

extension FourCC {
    /// Whether a box can have this type: printable, or the copyright sign that QuickTime uses first.
    var isPlausible: Bool {
        bytes.enumerated().allSatisfy { (0x20..<0x7F).contains($1) || ($0 == 0 && $1 == 0xA9) }
    }
}
