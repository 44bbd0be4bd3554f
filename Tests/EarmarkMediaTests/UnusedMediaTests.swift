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
}
