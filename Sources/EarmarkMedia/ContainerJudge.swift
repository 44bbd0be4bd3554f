/// What a recording proved to be, and how to show it to FFmpeg.
struct JudgedRecording {
    var container: RecordingContainer
    /// FFmpeg's name of the one demuxer that may read it.
    var demuxer: String
    /// The bytes FFmpeg gets to see.
    var window: Range<Int64>
    /// Places whose four characters FFmpeg sees as `free`/`JUNK`, so that it skips the box.
    var patches: [BytePatch] = []
    var isTruncated = false
    /// The tracks, for the MP4 family only.
    var tracks: [MP4Layout.Track]?
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
        if head.contains("WAVE", at: 8), isWaveMagic(head) {
            let layout = try RIFFLayout(wave: source)
            return JudgedRecording(
                container: .wav, demuxer: "wav", window: 0..<source.size, isTruncated: layout.isTruncated)
        }
        if head.contains("RIFF", at: 0), head.contains("AVI ", at: 8) || head.contains("AVI\u{19}", at: 8) {
            return try judgeAVI(source)
        }
        if isMP4(head) { return try judgeMP4(source) }
        if let name = ForeignType.name(of: head) { throw unsupported(name, source) }
        return try judgeRawStream(source)
    }

    private static func isWaveMagic(_ head: [UInt8]) -> Bool {
        head.contains("RIFF", at: 0) || head.contains("RF64", at: 0) || head.contains("BW64", at: 0)
    }

    private static func isMP4(_ head: [UInt8]) -> Bool {
        guard let type = head.fourCC(at: 4), let size = head.bigEndian32(at: 0) else { return false }
        let firstBoxes: Set<FourCC> = [
            "ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "pnot", "sidx",
        ]
        return firstBoxes.contains(type) && (size >= 8 || size <= 1)
    }

    static func unsupported(_ name: String, _ source: ByteSource) -> MediaError {
        MediaError(
            .unsupportedType,
            "is \(name), which is not accepted. Accepted: AAC, MP3, M4A, WAV, MP4, AVI, MOV. Convert it: "
                + ConversionAdvice.command(for: source.path),
            path: source.path)
    }

    private static func judgeAVI(_ source: ByteSource) throws(MediaError) -> JudgedRecording {
        let layout = try RIFFLayout(avi: source)
        return JudgedRecording(
            container: .avi, demuxer: "avi", window: 0..<source.size,
            patches: layout.indexOffset.map { [BytePatch(offset: $0, replacement: "JUNK")] } ?? [],
            isTruncated: layout.isTruncated)
    }

    private static func judgeMP4(_ source: ByteSource) throws(MediaError) -> JudgedRecording {
        let layout = try MP4Layout(source: source)
        let container: RecordingContainer =
            switch layout.brand {
            case nil, "qt  ": .mov
            case "M4A ", "M4B ", "M4P ": .m4a
            default: layout.tracks.contains(where: \.isVideo) ? .mp4 : .m4a
            }
        return JudgedRecording(
            container: container, demuxer: "mov", window: 0..<source.size,
            patches: layout.userDataOffsets.map { BytePatch(offset: $0, replacement: "free") },
            isTruncated: layout.isTruncated, tracks: layout.tracks)
    }

    private static func judgeRawStream(_ source: ByteSource) throws(MediaError) -> JudgedRecording {
        let start = MPEGAudioTags.startOfAudio(in: source)
        guard start < source.size || start == 0 else {
            throw MediaError(
                .truncated,
                "the file ends within its ID3 tag (\(grouped(start)) bytes), before any audio. Get a complete copy.",
                path: source.path)
        }
        let bytes = source.bytes(at: start, count: MPEGAudioSync.searchSpan)
        if start > 0, let name = ForeignType.name(of: bytes) { throw unsupported(name, source) }
        let isWhole = start + Int64(bytes.count) >= source.size
        guard let found = MPEGAudioSync.find(in: bytes, isWhole: isWhole) else {
            throw noFrames(source, bytes: bytes, hasTag: start > 0)
        }
        let first = start + Int64(found.offset)
        let end = MPEGAudioTags.endOfAudio(in: source, from: first)
        let window = first..<max(first, end)
        switch found.stream {
        case .mp3:
            return JudgedRecording(
                container: .mp3, demuxer: "mp3", window: window,
                isTruncated: MPEGAudioTags.xingPromisesMore(in: source, firstFrame: first, end: end))
        case .adts: return JudgedRecording(container: .aac, demuxer: "aac", window: window)
        case .loas: return JudgedRecording(container: .aac, demuxer: "loas", window: window)
        }
    }

    private static func noFrames(_ source: ByteSource, bytes: [UInt8], hasTag: Bool) -> MediaError {
        let startsLikeFrame = bytes.count >= 2 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0
        // Layer bits 11 and 10 are layers I and II.
        if startsLikeFrame && bytes[1] & 4 != 0 { return unsupported("MPEG audio of layer I or II (MP2)", source) }
        if hasTag || startsLikeFrame {
            return MediaError(
                .corrupt,
                "begins like MP3 or AAC but no sequence of audio frames follows in the first "
                    + "\(grouped(Int64(bytes.count))) bytes.",
                path: source.path)
        }
        return unsupported("of an unknown type", source)
    }
}

/// Names of well-known types that are refused, so that the refusal can say what the file is.
enum ForeignType {
    static func name(of head: [UInt8]) -> String? {
        if head.contains("FORM", at: 0), head.contains("AIF", at: 8) { return "AIFF" }
        if let magic = magics.first(where: { head.contains($0.text, at: 0) }) { return magic.name }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return isWebM(head) ? "WebM" : "Matroska (MKV)" }
        if head.starts(with: [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) { return "Windows Media (ASF/WMA/WMV)" }
        if head.starts(with: [0x00, 0x00, 0x01, 0xBA]) || head.starts(with: [0x00, 0x00, 0x01, 0xB3]) {
            return "an MPEG program stream"
        }
        if head.count > 376, head[0] == 0x47, head[188] == 0x47, head[376] == 0x47 { return "an MPEG transport stream" }
        return nil
    }

    private static let magics: [(text: StaticString, name: String)] = [
        ("fLaC", "FLAC"), ("OggS", "Ogg"), ("caff", "CAF"), ("#!AMR", "AMR"), ("riff\u{2E}", "Wave64 (W64)"),
        ("wvpk", "WavPack"), ("MAC ", "Monkey's Audio"), (".snd", "AU"), ("FLV", "FLV"), ("MThd", "MIDI"),
        ("TTA1", "True Audio"), ("RIFX", "big-endian WAV (RIFX)"), (".RMF", "RealMedia"), ("ADIF", "AAC in ADIF"),
        ("#EXTM3U", "a playlist (M3U)"), ("ffconcat", "a playlist (ffconcat)"), ("[playlist]", "a playlist (PLS)"),
        ("<?xml", "an XML document"), ("<!DOCTYPE", "an HTML document"), ("<html", "an HTML document"),
        ("%PDF", "a PDF document"), ("PK\u{03}\u{04}", "a ZIP archive"), ("\u{7F}ELF", "a program"),
        ("SQLite format 3", "a database"), ("GIF8", "a GIF image"), ("Rar!", "a RAR archive"),
    ]

    /// The DocType element (0x4282) near the start of an EBML file says which kind it is.
    private static func isWebM(_ head: [UInt8]) -> Bool {
        for offset in 4..<max(4, min(head.count, 256)) where head.contains("webm", at: offset) { return true }
        return false
    }
}
