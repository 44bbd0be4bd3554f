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

    /// PCM of which each chunk has 16 frames, but for the second one, which has none; of a number in the table of
    /// chunks, two bytes lie on either side of every multiple of four.
    private func finelyChunked(_ samples: [Int16]) throws -> [UInt8] {
        let (frames, head) = (UInt32(samples.count), FileBytes.fileType("qt  "))
        let entry =
            FileBytes.zeros(6) + FileBytes.big(UInt16(1)) + FileBytes.zeros(8) + FileBytes.big(UInt16(1))
            + FileBytes.big(UInt16(16)) + FileBytes.zeros(4) + FileBytes.big(UInt32(8_000 << 16))
        let header = FileBytes.MediaHeader(scale: 8_000, duration: UInt64(frames)).box
        let handler = FileBytes.box("hdlr", FileBytes.zeros(8) + Array("soun".utf8) + FileBytes.zeros(12))
        func index(media: UInt32) -> [UInt8] {
            let first = (0..<frames / 16).map { media + 32 * $0 }
            let places = FileBytes.offsets([first[0], first[0]] + first.dropFirst())
            let tables =
                FileBytes.box("stsd", FileBytes.zeros(4) + FileBytes.big(UInt32(1)) + FileBytes.box("sowt", entry))
                + table("stts", [1, frames, 1]) + table("stsc", [3, 1, 16, 1, 2, 0, 1, 3, 16, 1])
                + table("stsz", [2, frames]) + places
            let body =
                header + handler
                + FileBytes.box("minf", FileBytes.box("smhd", FileBytes.zeros(8)) + FileBytes.box("stbl", tables))
            let track = FileBytes.box(
                "tkhd", [0, 0, 0, 3] + FileBytes.zeros(8) + FileBytes.big(UInt32(1)) + FileBytes.zeros(68))
            return FileBytes.box("moov", FileBytes.box("trak", track + FileBytes.box("mdia", body)))
        }
        let empty = index(media: 0)
        let place = try #require(empty.firstRange(of: Array("stco".utf8))).upperBound
        let pad = FileBytes.box("free", FileBytes.zeros((6 - (head.count + 8 + place) % 4) % 4))
        let start = head + pad + index(media: UInt32(head.count + pad.count + empty.count + 8))
        return start + FileBytes.box("mdat", samples.flatMap { FileBytes.little($0) })
    }

    /// A mended table is longer than what is read at a time: numbers across two reads are shown whole.
    @Test func mendedNumbersLieAcrossReads() throws {
        let samples = (0..<16 * 20_000).map { Int16(($0 * 7_919) % 65_521 - 32_760) }
        let content = try finelyChunked(samples)
        let patches = try #require(try MP4Layout(source: try folder.source(content)).tracks.first).patches
        for read in [32_768, 65_536] as [Int64] {
            #expect(patches.contains { $0.offset == read - 2 }, "\(read)")
        }
        let (summary, channels) = try decode(try folder.write(content, as: "fine.mov"))
        #expect(summary.corruptPackets == 0)
        expectSame(channels[0], samples.map { Float($0) / 32_768 })
    }

    /// What is marked is what is heard: the same tables serve a client's own recording.
    @Test func markingReadsThemAlike() throws {
        let samples = (0..<16 * 500).map { Int16(($0 * 7_919) % 65_521 - 32_760) }
        let source = try SourceDecoder(path: try folder.write(finelyChunked(samples), as: "own.mov"))
        var integers = [Int32](repeating: 0, count: 16 * 501)
        let frames = try integers.withUnsafeMutableBufferPointer { try source.readIntegers(into: $0) }
        #expect(frames == samples.count)
        #expect(integers.prefix(samples.count).elementsEqual(samples.lazy.map { Int32($0) << 16 }))
    }
}
