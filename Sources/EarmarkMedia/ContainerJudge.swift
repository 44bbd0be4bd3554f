internal import EarmarkFiles

/// What a recording proved to be, and how to show it to FFmpeg.
struct JudgedRecording {
    var container: RecordingContainer
    /// FFmpeg's name of the one demuxer that may read it.
    var demuxer: String
    /// The bytes FFmpeg gets to see.
    var window: Range<Int64>
    /// Places whose four characters FFmpeg sees as `free`/`JUNK`, so that it skips the box.
    var patches: [BytePatch] = []
    /// The file with its index unpacked behind it, if that was packed, and what hides the packed one.
    var unpacked: (source: ByteSource, patches: [BytePatch])?
    var isTruncated = false
    /// The tracks, for the MP4 family only.
    var tracks: [MP4Layout.Track]?
    /// Tracks beyond those, of which nothing is known.
    var unreadTracks = 0
    /// Whether it lists other movies in place of tracks.
    var refersToMovies = false
    /// What of the file holds audio, or may, and is not examined: half sentences.
    var unread: [String] = []
    /// Of these that are told: who hides more is told enough.
    static let maximumUnread = 16
    /// Length of a raw stream by its frames, seconds, where they are all alike.
    var steadySeconds: Double?
    /// Time of the tracks' clocks that is shown at 0 where nothing else is said, seconds.
    var origin = 0.0
    /// What the time stamps are worth.
    var clock = TrackPlan.Clock.none
    /// What samples are multiplied by.
    var gain: Float = 1

    /// What a player shows of a track.
    func presentation(of track: MP4Layout.Track) -> Presentation {
        Presentation(edits: track.edits, origin: track.edits.isEmpty ? origin : 0)
    }
}

/// Decides by content alone which kind of recording a file is.
enum ContainerJudge {
    /// The accepted type of `source`, else an error that says what it is and how to convert it.
    static func judge(_ source: ByteSource) throws(MediaError) -> JudgedRecording {
        guard source.size > 0 else {
            throw MediaError(.corrupt, "file is empty (0 bytes).", path: source.path)
        }
        let head = source.bytes(at: 0, count: 4096)
        guard !head.isEmpty else { throw MediaError(.unreadable, "cannot be read.", path: source.path) }
        if let found = try judgeRIFF(source, head, at: 0) { return found }
        if isMP4(head) { return try judgeMP4(source, at: 0) }
        if let name = ForeignType.name(of: head) { throw unsupported(name, source) }
        if leadsToMP4(source) { return try judgeMP4(source, at: 0) }
        return try judgeRawStream(source)
    }

    /// Boxes that are gone through for one by which MP4 is known.
    private static let maximumFirstBoxes = 64

    /// Whether boxes of any kind follow one another from the beginning up to one by which MP4 is known.
    private static func leadsToMP4(_ source: ByteSource) -> Bool {
        var offset: Int64 = 0
        for _ in 0..<maximumFirstBoxes {
            let bytes = source.bytes(at: offset, count: 16)
            guard let type = bytes.fourCC(at: 4), type.isPlausible, let size = bytes.bigEndian32(at: 0) else {
                return false
            }
            if ["ftyp", "moov", "moof"].contains(type), isMP4(bytes) { return true }
            let length = size == 1 ? bytes.bigEndian64(at: 8) ?? 0 : UInt64(size)
            guard length >= 8, length < UInt64(source.size - offset) else { return false }
            offset += Int64(length)
        }
        return false
    }

    /// A RIFF file that begins at `start`, with the bytes of `head`; nil if none does.
    private static func judgeRIFF(
        _ source: ByteSource, _ head: [UInt8], at start: Int64
    ) throws(MediaError) -> JudgedRecording? {
        let window = min(start, source.size)..<source.size
        if head.contains("WAVE", at: 8), isWaveMagic(head) {
            let layout = try RIFFLayout(wave: source, at: start)
            if let shown = layout.bigEndian {
                return JudgedRecording(
                    container: .wav, demuxer: shown.demuxer, window: shown.window, patches: shown.patches,
                    isTruncated: layout.isTruncated, unread: layout.unread)
            }
            return JudgedRecording(
                container: .wav, demuxer: "wav", window: (layout.head ?? window.lowerBound)..<source.size,
                patches: layout.patches,
                isTruncated: layout.isTruncated, unread: layout.unread)
        }
        guard head.contains("RIFF", at: 0), head.contains("AVI ", at: 8) || head.contains("AVI\u{19}", at: 8) else {
            return nil
        }
        let layout = try RIFFLayout(avi: source, at: start)
        let index = layout.indexOffset.map { [BytePatch(offset: $0, replacement: "JUNK")] } ?? []
        return JudgedRecording(
            container: .avi, demuxer: "avi", window: window, patches: index + layout.patches,
            isTruncated: layout.isTruncated, unread: layout.unread, clock: .jumps)
    }

    private static func isWaveMagic(_ head: [UInt8]) -> Bool {
        ["RIFF", "RIFX", "RF64", "BW64"].contains { head.contains($0, at: 0) }
    }

    private static func isMP4(_ head: [UInt8]) -> Bool {
        guard let type = head.fourCC(at: 4), let size = head.bigEndian32(at: 0) else { return false }
        let firstBoxes: Set<FourCC> = [
            "ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "pnot", "sidx",
        ]
        return firstBoxes.contains(type) && (size >= 8 || size <= 1)
    }

    private static let accepted = "Accepted: AAC, MP3, M4A, WAV, MP4, AVI, MOV."

    static func unsupported(_ name: String, _ source: ByteSource) -> MediaError {
        let text: String
        if ForeignType.isRecording(name) {
            text =
                "is \(name), which is not accepted. \(accepted) Convert it: "
                + ConversionAdvice.command(for: source.path)
        } else if ForeignType.isPacked(name) {
            text = "is \(name), not a recording. \(accepted) Unpack it."
        } else {
            text = "is \(name), not a recording. \(accepted)\(EmbeddedMedia(source)?.words ?? "")"
        }
        return MediaError(.unsupportedType, text, path: source.path)
    }

    /// The refusal of a file of which FFmpeg knows no more than this program.
    private static func unknown(_ source: ByteSource) -> MediaError {
        let hint = EmbeddedMedia(source)?.words ?? " If a program plays it, convert it with that."
        return MediaError(
            .unsupportedType, "is of an unknown type, which is not accepted. \(accepted)\(hint)", path: source.path)
    }

    /// An MP4 file that begins at `start`.
    private static func judgeMP4(_ source: ByteSource, at start: Int64) throws(MediaError) -> JudgedRecording {
        let layout = try MP4Layout(source: source, at: start)
        let container: RecordingContainer =
            switch layout.brand {
            case nil, "qt  ": .mov
            case "M4A ", "M4B ", "M4P ": .m4a
            default: layout.tracks.contains(where: \.isVideo) ? .mp4 : .m4a
            }
        var patches = layout.patches
        // Where chunks are counted from the beginning of the file, a tag before it becomes a box without meaning.
        let isWhole = start > 0 && start <= UInt32.max && layout.offsetBase == 0
        if isWhole {
            patches.append(BytePatch(offset: 0, replacement: FourCC(rawValue: UInt32(start))))
            patches.append(BytePatch(offset: 4, replacement: "free"))
        }
        return JudgedRecording(
            container: container, demuxer: "mov", window: (isWhole ? 0 : start)..<layout.source.size,
            patches: patches + layout.userDataOffsets.map { BytePatch(offset: $0, replacement: "free") },
            unpacked: layout.source === source ? nil : (layout.source, patches),
            isTruncated: layout.isTruncated, tracks: layout.tracks, unreadTracks: layout.unreadTracks,
            refersToMovies: layout.refersToMovies,
            unread: layout.unread, origin: layout.origin, clock: .exact)
    }

    private static func judgeRawStream(_ source: ByteSource) throws(MediaError) -> JudgedRecording {
        let start = MPEGAudioTags.startOfAudio(in: source)
        let bytes = source.bytes(at: start, count: 4096)
        if start > 0 {
            var behind = try judgeRIFF(source, bytes, at: start)
            if behind == nil, isMP4(bytes) { behind = try judgeMP4(source, at: start) }
            if var found = behind {
                found.unread += unclaimed(source, before: start, [], behind: source.size)
                return found
            }
            if let name = ForeignType.name(of: bytes) { throw unsupported(name, source) }
        }
        // A tag may claim more than it has: the audio may begin within.
        let inRow =
            MPEGAudioSync.find(in: source, from: start)
            ?? (start > 0 ? MPEGAudioSync.find(in: source, from: MPEGAudioTags.headerLength) : nil)
        guard let found = inRow ?? MPEGAudioSync.findSpaced(in: source, from: start) else {
            guard start < source.size || start == 0 else {
                throw MediaError(
                    .truncated,
                    "the file ends within its ID3 tag (\(grouped(start)) bytes), before any audio. Get a complete "
                        + "copy.", path: source.path)
            }
            throw noFrames(source, at: start, bytes)
        }
        let first = found.offset
        let end = MPEGAudioTags.endOfAudio(in: source, from: first)
        let walk = MPEGAudioWalk(source, found.stream, in: first..<max(first, end), isSpaced: inRow == nil)
        let window = first..<(walk.endsInAnother ? walk.end : max(first, end))
        var judged: JudgedRecording
        switch found.stream {
        case .mp3:
            judged = JudgedRecording(
                container: .mp3, demuxer: "mp3", window: window,
                isTruncated: MPEGAudioTags.xingPromisesMore(in: source, firstFrame: first, end: end))
        case .adts: judged = JudgedRecording(container: .aac, demuxer: "aac", window: window)
        case .loas: judged = JudgedRecording(container: .aac, demuxer: "loas", window: window)
        }
        judged.unread = walk.unread + unclaimed(source, before: first, walk.tags, behind: max(first, end))
        judged.steadySeconds = judged.isTruncated || walk.endsInAnother ? nil : walk.steadySeconds
        return judged
    }

    /// What tags hold that is neither text nor picture, and what stands before the first frame, where that is much.
    private static func unclaimed(
        _ source: ByteSource, before first: Int64, _ tags: [Range<Int64>], behind end: Int64
    ) -> [String] {
        var unclaimed = UnclaimedParts()
        let start = min(first, MPEGAudioTags.startOfAudio(in: source))
        if start > 0 { unclaimed.add(tags: 0..<start, of: source) }
        unclaimed.add("bytes before its first frame", start..<first, of: source)
        for tag in tags { unclaimed.add(tags: tag, of: source) }
        if end < source.size { unclaimed.add(tags: end..<source.size, of: source) }
        return unclaimed.remark(of: source).map { [$0] } ?? []
    }

    private static func noFrames(_ source: ByteSource, at start: Int64, _ bytes: [UInt8]) -> MediaError {
        let startsLikeFrame = bytes.count >= 2 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0
        let frames = source.bytes(at: start, count: freeFormatSpan)
        if MPEGAudioSync.isOtherLayer(frames) { return unsupported("MPEG audio of layer I or II (MP2)", source) }
        if MPEGAudioSync.isFreeFormat(frames) {
            return MediaError(
                .unsupportedSampleFormat,
                "is MP3 in free format, of a bit rate that its frames do not name, which is not decoded here, nor by "
                    + "FFmpeg. Convert it: " + ConversionAdvice.soxCommand(for: source.path),
                path: source.path)
        }
        if start > 0 || startsLikeFrame {
            return MediaError(
                .corrupt,
                "begins like MP3 or AAC but no sequence of audio frames follows in its "
                    + "\(grouped(source.size)) bytes.",
                path: source.path)
        }
        guard isText(bytes) else { return unknown(source) }
        let isList = listEndings.contains(FilePath.ending(source.path))
        return MediaError(
            .unsupportedType,
            "is text, not a recording. \(accepted)\(isList ? " " + ConversionAdvice.forLists : "")", path: source.path)
    }

    /// Bytes in which three frames in free format begin.
    private static let freeFormatSpan = 8_192

    /// How names of lists of recordings end, which are given in place of one.
    private static let listEndings = ["csv", "ndjson", "jsonl", "txt"]
    /// Least bytes that are taken for text: fewer may be text by chance.
    private static let leastText = 16

    /// Whether the beginning of a file is lines of printable ASCII, or of UTF-8.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= leastText, bytes.contains(UInt8(ascii: "\n")) else { return false }
        // The last scalar may be cut.
        let isReadable = (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
        return isReadable && !bytes.contains { $0 < 0x20 && !(0x09...0x0D).contains($0) || $0 == 0x7F }
    }
}

/// Names of well-known types that are refused, so that the refusal can say what the file is.
enum ForeignType {
    static func name(of head: [UInt8]) -> String? {
        if head.contains("FORM", at: 0), head.contains("AIF", at: 8) { return "AIFF" }
        if head.contains("RIFF", at: 0) { return riffForms.first { head.contains($0.text, at: 8) }?.name }
        if let magic = magics.first(where: { head.contains($0.text, at: 0) }) { return magic.name }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return isWebM(head) ? "WebM" : "Matroska (MKV)" }
        if head.starts(with: [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) { return "Windows Media (ASF/WMA/WMV)" }
        if head.starts(with: [0x00, 0x00, 0x01, 0xBA]) || head.starts(with: [0x00, 0x00, 0x01, 0xB3]) {
            return "an MPEG program stream"
        }
        if let found = beginnings.first(where: { head.starts(with: $0.bytes) }) { return found.name }
        if head.contains("ustar", at: 257) { return "a tar archive" }
        if head.count > 376, head[0] == 0x47, head[188] == 0x47, head[376] == 0x47 { return "an MPEG transport stream" }
        return nil
    }

    /// Whether a type of that name may hold sound: what has an article does not, but for streams.
    static func isRecording(_ name: String) -> Bool {
        name.hasPrefix("an MPEG ") || !(name.hasPrefix("a ") || name.hasPrefix("an ") || isPacked(name))
    }

    /// Whether a type of that name may have a recording inside.
    static func isPacked(_ name: String) -> Bool { name.hasSuffix(" archive") || name.hasPrefix("compressed") }

    private static let magics: [(text: StaticString, name: String)] = [
        ("fLaC", "FLAC"), ("OggS", "Ogg"), ("caff", "CAF"), ("#!AMR", "AMR"), ("riff\u{2E}", "Wave64 (W64)"),
        ("wvpk", "WavPack"), ("MAC ", "Monkey's Audio"), (".snd", "AU"), ("FLV", "FLV"), ("MThd", "MIDI"),
        ("TTA1", "True Audio"), ("RIFX", "RIFX"), (".RMF", "RealMedia"), ("ADIF", "AAC in ADIF"),
        ("#EXTM3U", "a playlist (M3U)"), ("ffconcat", "a playlist (ffconcat)"), ("[playlist]", "a playlist (PLS)"),
        ("<?xml", "an XML document"), ("<!DOCTYPE", "an HTML document"), ("<html", "an HTML document"),
        ("%PDF", "a PDF document"), ("PK\u{03}\u{04}", "a ZIP archive"), ("\u{7F}ELF", "a program"),
        ("#!SILK_V3", "SILK"), ("Creative Voice File", "VOC"), ("DSD ", "DSD (DSF)"), ("FRM8", "DSD (DSDIFF)"),
        ("nut/multimedia", "NUT"), ("NIST_1A", "SPHERE"), ("<!doctype", "an HTML document"),
        ("SQLite format 3", "a database"), ("GIF8", "a GIF image"), ("Rar!", "a RAR archive"),
    ]

    /// What RIFF files hold that are neither WAV nor AVI.
    private static let riffForms: [(text: StaticString, name: String)] = [
        ("WEBP", "a WebP image"), ("RMID", "MIDI"), ("QLCM", "QCELP in RIFF (QCP)"), ("CDXA", "a Video CD (CDXA)"),
        ("ACON", "an animated cursor"), ("sfbk", "a sound font"),
    ]

    private static let beginnings: [(bytes: [UInt8], name: String)] = [
        ([0x0B, 0x77], "AC-3 or E-AC-3"), ([0x7F, 0xFE, 0x80, 0x01], "DTS"), ([0xFE, 0x7F, 0x01, 0x80], "DTS"),
        ([0x8F, 0x45, 0x4D, 0x54], "a ticket to mark with"), ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
        ([0x1F, 0x8B, 0x08], "compressed with gzip"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"),
        ([0x06, 0x0E, 0x2B, 0x34], "MXF"), ([0x02] + Array("#!SILK_V3".utf8), "SILK"),
        ([0xEF, 0xBB, 0xBF, 0x3C], "an HTML or XML document"), ([0xFF, 0xFE, 0x3C, 0x00], "an HTML or XML document"),
    ]

    /// The DocType element (0x4282) near the start of an EBML file says which kind it is.
    private static func isWebM(_ head: [UInt8]) -> Bool {
        for offset in 4..<max(4, min(head.count, 256)) where head.contains("webm", at: offset) { return true }
        return false
    }
}
