import Testing

@testable import EarmarkMedia

/// docs/json-schema.md, `unexamined`: media that no track refers to, by the tables of ISO 14496-12, 8.7.
@Suite struct UnusedMediaTests {
    private let folder: TemporaryFolder
    private let type = FileBytes.fileType("isom")
    private let noise = [UInt8](repeating: 0xA5, count: 300_000)

    init() throws { folder = try TemporaryFolder() }

    private func table(_ name: String, _ words: [UInt32]) -> [UInt8] {
        FileBytes.box(name, FileBytes.zeros(4) + words.flatMap { FileBytes.big($0) })
    }

    /// An index of chunks at `offsets`, of a sample each, which have `sizes`.
    private func index(_ offsets: [UInt32], sizes: [UInt32], handler: String = "soun") -> [UInt8] {
        let count = UInt32(sizes.count)
        let tables = table("stsc", [1, 1, 1, 1]) + table("stsz", [0, count] + sizes) + FileBytes.offsets(offsets)
        return FileBytes.track(handler: handler, offsets: tables)
    }

    private func unread(_ content: [UInt8]) throws -> [String] {
        try MP4Layout(source: try folder.source(content)).unread
    }

    private func mdat(_ count: Int) -> [UInt8] { FileBytes.box("mdat", Array(noise.prefix(count))) }

    /// Where the first byte of the media lies.
    private var first: UInt32 { UInt32(type.count + 8) }

    @Test func aWholeBoxThatNoTrackNamesIsTold() throws {
        let start = type + mdat(20_000)
        let index = FileBytes.box("moov", index([first, first + 10_000], sizes: [10_000, 10_000]))
        #expect(try unread(start + index).isEmpty)
        for size in [9_000, 200_000] {
            let told = try unread(start + index + mdat(size))
            #expect(told.count == 1 && told[0].contains("(mdat) belong to no track"), "\(told)")
        }
        #expect(try unread(start + index + mdat(4_000)).isEmpty, "too little to hear anything in")
        #expect(try unread(start + index + FileBytes.box("mdat", FileBytes.zeros(200_000))).isEmpty)
        #expect(try unread(start + index + FileBytes.box("free", noise)).isEmpty, "free space is none")
    }

    /// A media box "to the end of the file" (ISO 14496-12, 4.2) has no length that could be missed: its samples have.
    @Test func aSampleThatGoesOnBehindTheFileIsCut() throws {
        func isTruncated(_ sizes: [UInt32], media: Int) throws -> Bool {
            let length = UInt32(FileBytes.box("moov", index(sizes.map { _ in 0 }, sizes: sizes)).count)
            let start = UInt32(type.count) + length + 8
            let offsets = sizes.indices.map { start + sizes[..<$0].reduce(0, +) }
            let media = FileBytes.zeros(4) + Array("mdat".utf8) + Array(noise.prefix(media))
            let content = type + FileBytes.box("moov", index(offsets, sizes: sizes)) + media
            return try MP4Layout(source: try folder.source(content)).isTruncated
        }
        #expect(try !isTruncated([6_000, 4_000], media: 10_000))
        #expect(try isTruncated([6_000, 4_000], media: 9_999))
        #expect(try isTruncated([6_000, 4_000], media: 6_001))
        #expect(try !isTruncated([6_000, 4_000], media: 200_000))
    }

    @Test func aLargePartOfABoxIsTold() throws {
        func told(_ used: [(offset: UInt32, size: UInt32)]) throws -> [String] {
            let index = index(used.map { first + $0.offset }, sizes: used.map(\.size))
            return try unread(type + mdat(300_000) + FileBytes.box("moov", index))
        }
        #expect(try told([(0, 100_000), (100_000, 200_000)]).isEmpty)
        #expect(try told([(0, 100_000), (140_000, 120_000)]).isEmpty, "recorders leave holes and tails")
        let tail = try told([(0, 100_000)])
        #expect(tail.count == 1 && tail[0].hasPrefix("199,"), "\(tail)")
        let hole = try told([(0, 100_000), (200_000, 100_000)])
        #expect(hole.count == 1 && hole[0].hasPrefix("9"), "\(hole)")
    }

    /// A chunk of a picture, a text or a time code is referred to as one of sound is.
    @Test func chunksOfAllTracksCount() throws {
        let other = index([first + 10_000], sizes: [190_000], handler: "text")
        let moov = FileBytes.box("moov", index([first], sizes: [10_000]) + other)
        #expect(try unread(type + mdat(200_000) + moov).isEmpty)
    }

    /// QuickTime says 1 of PCM, whatever a sample's size is: here 4 bytes.
    @Test func samplesOfOneSizeHaveThatOfTheDescription() throws {
        let tables = table("stsc", [1, 1, 50_000, 1]) + table("stsz", [1, 50_000]) + FileBytes.offsets([first])
        var track = FileBytes.track(entry: "sowt", offsets: tables)
        let entry = try #require(track.firstRange(of: Array("sowt".utf8))).upperBound
        track.replaceSubrange(entry + 16..<entry + 20, with: [0, 2, 0, 16])
        #expect(try unread(type + mdat(200_000) + FileBytes.box("moov", track)).isEmpty)
        let told = try unread(type + mdat(300_000) + FileBytes.box("moov", track))
        #expect(told.count == 1, "\(told)")
    }

    @Test func mediaOfFragmentsAreReferredTo() throws {
        let moov = FileBytes.box("moov", FileBytes.track() + FileBytes.box("mvex"))
        let fragment = FileBytes.box("moof") + mdat(100_000)
        #expect(try unread(type + moov + fragment + FileBytes.box("sidx") + fragment).isEmpty)
        #expect(try unread(type + moov + fragment + mdat(100_000)).count == 1)
    }

    // MARK: Chunks without samples

    private func patched(_ bytes: [UInt8], _ patches: [BytePatch]) -> [UInt8] {
        var bytes = bytes
        for patch in patches {
            bytes.replaceSubrange(Int(patch.offset)..<Int(patch.offset) + 4, with: patch.replacement.bytes)
        }
        return bytes
    }

    /// FFmpeg has no chunks of no samples: it is shown tables without them.
    @Test(arguments: [false, true]) func chunksWithoutSamplesAreLeftOut(isLong: Bool) throws {
        func content(_ runs: [UInt32], _ offsets: [UInt32]) -> [UInt8] {
            let sizes = table("stsz", [10, 8])
            let places = isLong ? FileBytes.longOffsets(offsets.map(UInt64.init)) : FileBytes.offsets(offsets)
            let tables = table("stsc", [UInt32(runs.count / 3)] + runs) + sizes + places
            return type + FileBytes.box("moov", FileBytes.track(offsets: tables))
        }
        let broken = content([1, 2, 1, 3, 0, 1, 4, 2, 1], [8, 28, 48, 48, 68])
        let track = try #require(try MP4Layout(source: try folder.source(broken)).tracks.first)
        let shown = patched(broken, track.patches)
        let runs = try #require(shown.firstRange(of: Array("stsc".utf8))).upperBound + 4
        #expect((0..<7).map { shown.bigEndian32(at: runs + 4 * $0) } == [2, 1, 2, 1, 3, 2, 1])
        let name = Array((isLong ? "co64" : "stco").utf8)
        let places = try #require(shown.firstRange(of: name)).upperBound + 4
        let width = isLong ? 8 : 4
        #expect(shown.bigEndian32(at: places) == 4)
        #expect((1...4).map { shown.bigEndian32(at: places + width * $0) } == [8, 28, 48, 68])
        #expect(try MP4Layout(source: try folder.source(content([1, 2, 1], [8, 28]))).tracks[0].patches.isEmpty)
        // Runs that go backwards are not mended, and told.
        let wild = content([2, 2, 1, 1, 0, 1], [8, 28])
        #expect(try unread(wild).contains { $0.contains("chunks without samples") })
    }
}
