import Testing

@testable import EarmarkMedia

/// The boxes of MP4 and QuickTime files, as ISO 14496-12 lays them out.
@Suite struct MP4LayoutTests {
    private let folder: TemporaryFolder
    private let type = FileBytes.fileType("isom")

    init() throws { folder = try TemporaryFolder() }

    private func layout(_ content: [UInt8]) throws -> MP4Layout {
        try MP4Layout(source: try folder.source(content))
    }

    private func track(_ bytes: [UInt8]) throws -> MP4Layout.Track {
        try #require(try layout(type + FileBytes.box("moov", bytes)).tracks.first)
    }

    private func track(_ header: FileBytes.MediaHeader) throws -> MP4Layout.Track {
        try track(FileBytes.track(header: header))
    }

    // MARK: Tracks

    @Test func tracksAreWhatTheirHandlersSay() throws {
        let found = try layout(
            type + FileBytes.box("moov", FileBytes.track(handler: "vide", entry: "avc1") + FileBytes.track()))
        #expect(found.brand == "isom")
        #expect(found.tracks.map(\.isVideo) == [true, false] && found.tracks.map(\.isAudio) == [false, true])
        #expect(found.tracks.map(\.sampleEntry) == ["avc1", "mp4a"])
        let first = Int64(type.count + 8 + 4)
        #expect(found.tracks.map(\.typeOffset) == [first, first + Int64(FileBytes.track().count)])
    }

    @Test func everyKindOfEncryptionIsKnown() throws {
        for entry in ["enca", "encv", "drms", "drmi"] {
            #expect(try track(FileBytes.track(entry: entry)).isEncrypted, "\(entry)")
        }
        for entry in ["mp4a", "alac", "Opus", "sowt"] { #expect(try !track(FileBytes.track(entry: entry)).isEncrypted) }
    }

    @Test func lengthIsInUnitsOfTheTrack() throws {
        for version in [UInt8(0), 1] {
            #expect(try track(.init(version: version, scale: 8_000, duration: 28_000)).seconds == 3.5)
            #expect(try track(.init(version: version, scale: 0, duration: 28_000)).seconds == nil)
            #expect(try track(.init(version: version, scale: 8_000, duration: 0)).seconds == nil)
        }
        // All ones: unknown.
        #expect(try track(.init(scale: 1, duration: UInt64(UInt32.max))).seconds == nil)
        #expect(try track(.init(scale: 1, duration: UInt64(UInt32.max) - 1)).seconds == 4_294_967_294)
        #expect(try track(.init(version: 1, scale: 1, duration: .max)).seconds == nil)
        #expect(try track(.init(version: 1, scale: 1, duration: UInt64(UInt32.max))).seconds == 4_294_967_295)
    }

    /// Three letters of five bits, each 0x60 below ASCII; "und" is no language, QuickTime's own numbers are none
    /// either.
    @Test func languagesAreISOCodes() throws {
        func packed(_ text: String) -> UInt16 { text.utf8.reduce(0) { $0 << 5 | UInt16($1 - 0x60) } }
        for version in [UInt8(0), 1] {
            for language in ["deu", "eng", "aaa", "zzz"] {
                #expect(try track(.init(version: version, language: packed(language))).language == language)
            }
        }
        for value in [packed("und"), 0, 25, 0x3FF, 0x7FFF, 0x8421, packed("de`")] {
            #expect(try track(.init(language: value)).language == nil, "\(value)")
        }
    }

    @Test func samplesInAnotherFileAreSeen() throws {
        #expect(try track(FileBytes.track(references: [0])).isExternal)
        #expect(try !track(FileBytes.track(references: [1])).isExternal)
        #expect(try !track(FileBytes.track(references: [3])).isExternal, "flag 1 counts, not the others")
        #expect(try track(FileBytes.track(references: [2])).isExternal)
        #expect(try !track(FileBytes.track(references: [0, 1])).isExternal, "one of several is not known to be meant")
        #expect(try !track(FileBytes.track(references: [])).isExternal)
        for none in [[], [0], [0, 0, 0]] as [[UInt8]] {
            #expect(try !track(FileBytes.track(references: [0], location: none)).isExternal, "it names no place")
        }
    }

    /// ISO 14496-12, 8.6.6: media time -1 is a pause, and so is for sound a rate of 0, which holds a picture.
    @Test(arguments: [UInt8(0), 1]) func editListsHavePausesAndHeldPictures(version: UInt8) throws {
        let entries: [(milliseconds: UInt32, media: Int32, rate: UInt16)] = [
            (1_000, 0, 1), (500, 48_000, 0), (2_000, 96_000, 1), (250, -1, 1), (250, -1, 0), (1_500, 144_000, 1),
        ]
        let rows = entries.flatMap { entry -> [UInt8] in
            let times =
                version == 1
                ? FileBytes.big(UInt64(entry.milliseconds)) + FileBytes.big(Int64(entry.media))
                : FileBytes.big(entry.milliseconds) + FileBytes.big(entry.media)
            return times + FileBytes.big(entry.rate) + FileBytes.zeros(2)
        }
        let list = FileBytes.box("elst", [version, 0, 0, 0] + FileBytes.big(UInt32(entries.count)) + rows)
        let clock = FileBytes.box("mvhd", FileBytes.zeros(12) + FileBytes.big(UInt32(1_000)) + FileBytes.zeros(84))
        let edits = try track(clock + FileBytes.track(extra: FileBytes.box("edts", list))).edits
        let found = edits.map { [$0.shown, $0.media, $0.length] }
        #expect(found == [[0, 0, 1], [1.5, 2, 2], [4, 3, 1.5]])
    }

    @Test func whatIsNoAudioIsHidden() throws {
        let tags = FileBytes.box("udta", [1, 2, 3])
        let found = try layout(
            type + FileBytes.box("moov", FileBytes.track(extra: tags + FileBytes.box("meta")) + tags)
                + FileBytes.box("meta") + FileBytes.box("uuid", FileBytes.zeros(16)) + FileBytes.box("free"))
        #expect(found.userDataOffsets.count == 5)
        let content = type + FileBytes.box("moov", FileBytes.track() + tags)
        let place = Int64(content.count - tags.count + 4)
        #expect(try layout(content).userDataOffsets == [place])
        #expect(try layout(type + FileBytes.box("moov", FileBytes.track())).userDataOffsets.isEmpty)
    }

    // MARK: Sizes

    @Test func sizesOf64BitsAndOpenOnesAreRead() throws {
        let moov = FileBytes.track()
        #expect(try layout(type + FileBytes.longBox("moov", moov)).tracks.count == 1)
        #expect(try layout(type + FileBytes.box("moov", moov, size: 0)).tracks.count == 1, "to the end of the file")
        let media = FileBytes.box("mdat", FileBytes.zeros(20), size: 0)
        #expect(try !layout(type + FileBytes.box("moov", moov) + media).isTruncated)
        // A size that not even the header fits in ends the walk.
        for liar in [FileBytes.box("free", size: 7), FileBytes.longBox("free", size: 15)] {
            #expect(failureCode { _ = try layout(type + liar + FileBytes.box("moov", moov)) } == .corrupt)
        }
        #expect(
            try layout(type + FileBytes.box("free") + FileBytes.longBox("free") + FileBytes.box("moov", moov))
                .tracks.count == 1)
    }

    @Test func aBoxThatReachesPastTheEndIsCut() throws {
        let start = type + FileBytes.box("moov", FileBytes.track())
        #expect(try !layout(start + FileBytes.box("mdat", FileBytes.zeros(10))).isTruncated)
        #expect(try layout(start + FileBytes.box("mdat", FileBytes.zeros(10), size: 19)).isTruncated)
        #expect(try layout(start + FileBytes.longBox("mdat", FileBytes.zeros(10), size: 27)).isTruncated)
        // Junk after the last box is no box.
        #expect(try !layout(start + [0, 0, 1, 0, 0xFF, 1, 2, 3, 0, 0, 0, 0]).isTruncated)
        #expect(try layout(start + [0, 0, 1, 0, 0xA9, 0x6E, 0x61, 0x6D, 0, 0, 0, 0]).isTruncated, "©nam is a type")
        #expect(try !layout(start + [0, 0, 1, 0, 0x6E, 0xA9, 0x61, 0x6D, 0, 0, 0, 0]).isTruncated)
        #expect(try !layout(start + [0, 0, 1, 0, 0x6E, 0x61]).isTruncated, "seven bytes are no header")
    }

    @Test func aChunkBehindTheEndIsCut() throws {
        func isCut(_ table: (Int) -> [UInt8]) throws -> Bool {
            let size = (type + FileBytes.box("moov", FileBytes.track(offsets: table(0)))).count
            return try layout(type + FileBytes.box("moov", FileBytes.track(offsets: table(size)))).isTruncated
        }
        #expect(try !isCut { FileBytes.offsets([8, UInt32(max(1, $0) - 1)]) })
        #expect(try isCut { FileBytes.offsets([8, UInt32($0)]) })
        #expect(try !isCut { FileBytes.longOffsets([8, UInt64(max(1, $0) - 1)]) })
        #expect(try isCut { FileBytes.longOffsets([8, UInt64($0)]) })
        #expect(try isCut { size in FileBytes.longOffsets([8, 1 << 40]) })
        // In the second block of entries.
        #expect(try isCut { size in FileBytes.offsets((0..<9_000).map { $0 == 8_999 ? UInt32(size) : 8 }) })
        #expect(try !isCut { size in FileBytes.offsets((0..<9_000).map { _ in 8 }) })
    }

    // MARK: What is missing

    private func error(_ content: [UInt8]) throws -> MediaError {
        try #require(failure { _ = try layout(content) })
    }

    @Test func whatIsMissingIsSaid() throws {
        let media = FileBytes.box("mdat", FileBytes.zeros(100))
        var found = try error(type + media)
        #expect(found.code == .truncated && found.message.contains("moov box) is missing"))
        found = try error(type + FileBytes.box("free", FileBytes.zeros(8), size: 999))
        #expect(found.code == .truncated, "cut in a box before all media")
        found = try error(type + FileBytes.box("moof") + FileBytes.box("free"))
        #expect(found.code == .corrupt && found.message.contains("initialisation"))
        for name in ["styp", "sidx"] { #expect(try error(FileBytes.box(name)).message.contains("initialisation")) }
        found = try error(type + FileBytes.box("free"))
        #expect(found.code == .corrupt && found.message.contains("neither an index"))
        for brand in ["heic", "heix", "mif1", "msf1", "avif", "avis", "jpx ", "jp2 ", "crx "] {
            found = try error(FileBytes.fileType(brand) + media)
            #expect(found.code == .unsupportedType && found.message.contains("is an image (\(brand))"))
        }
    }

    @Test func aCutIndexIsSaidToBeCut() throws {
        let whole = type + FileBytes.box("moov", FileBytes.track() + FileBytes.box("free", FileBytes.zeros(2_000)))
        let found = try error(Array(whole.dropLast(1)))
        #expect(found.code == .truncated)
        #expect(found.message.contains("ends at byte \(grouped(Int64(whole.count))), the file at"))
        #expect(found.message.contains(" \(grouped(Int64(whole.count - 1)))."))
    }

    @Test func aCutIndexOrNoneInASegmentIsToldApart() throws {
        let segment = FileBytes.box("moof") + FileBytes.box("mdat", FileBytes.zeros(100))
        #expect(try error(segment).message.contains("initialisation"))
        #expect(try error(type + segment).message.contains("initialisation"))
        #expect(try error(type + FileBytes.box("mdat", FileBytes.zeros(100)) + segment).code == .truncated)
    }

    @Test func theFirstOfSeveralCounts() throws {
        let moov = FileBytes.box("moov", FileBytes.track())
        let found = try layout(type + moov + FileBytes.fileType("qt  ") + FileBytes.box("moov"))
        #expect(found.brand == "isom" && found.tracks.count == 1)
    }

    @Test func tracksBeyondTheLimitAreHidden() throws {
        let small = FileBytes.box("trak")
        let found = try layout(type + FileBytes.box("moov", (0..<4_098).flatMap { _ in small }))
        #expect(found.tracks.count == 4_096 && found.userDataOffsets.count == 2 && found.unreadTracks == 2)
    }
}
