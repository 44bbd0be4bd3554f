import Testing

@testable import EarmarkMedia

/// What a WAV or AVI file promises, by its chunks.
@Suite struct RIFFLayoutTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func isCut(_ chunks: [UInt8]) throws -> Bool { try isCut("RIFF", chunks) }

    private func isCut(_ magic: String, _ chunks: [UInt8]) throws -> Bool {
        try RIFFLayout(wave: try folder.source(FileBytes.riff(magic, "WAVE", chunks))).isTruncated
    }

    private func code(_ chunks: [UInt8]) -> MediaError.Code? {
        failureCode { _ = try RIFFLayout(wave: try folder.source(FileBytes.riff("RIFF", "WAVE", chunks))) }
    }

    private let format = FileBytes.pcm(bits: 16)
    private let samples = FileBytes.zeros(100)

    @Test func aFileThatEndsBeforeItsSamplesIsCut() throws {
        #expect(try !isCut(format + FileBytes.chunk("data", samples)))
        #expect(try !isCut(format + FileBytes.chunk("data", samples, size: 99)))
        #expect(try isCut(format + FileBytes.chunk("data", samples, size: 101)))
    }

    /// Programs that write to a pipe do not know the length.
    @Test func lengthsThatWereNeverFilledInPromiseNothing() throws {
        for size in [UInt32(0), 0xFFFF_FF00, 0xFFFF_FFFF] {
            #expect(try !isCut(format + FileBytes.chunk("data", samples, size: size)))
        }
        #expect(try isCut(format + FileBytes.chunk("data", samples, size: 0xFFFF_FEFF)))
    }

    @Test(arguments: ["RF64", "BW64"]) func largeFilesSayTheirLengthElsewhere(magic: String) throws {
        func large(_ size: UInt64) -> [UInt8] {
            FileBytes.chunk("ds64", FileBytes.little(UInt64(0)) + FileBytes.little(size) + FileBytes.zeros(12))
        }
        let data = FileBytes.chunk("data", samples, size: .max)
        #expect(try !isCut(magic, large(100) + format + data))
        #expect(try isCut(magic, large(101) + format + data))
        #expect(try !isCut(magic, large(0) + format + data))
        #expect(try !isCut(magic, large(.max) + format + data))
        #expect(try !isCut("RIFF", large(101) + format + data), "in a plain RIFF file the chunk means nothing")
    }

    @Test func chunksOfOddLengthArePadded() throws {
        #expect(try !isCut(FileBytes.chunk("LIST", [1, 2, 3]) + format + FileBytes.chunk("data", samples)))
    }

    @Test func samplesNeedAFormatAndAFormatSamples() {
        #expect(code(FileBytes.chunk("data", samples) + FileBytes.chunk("LIST", samples)) == .corrupt)
        #expect(code(FileBytes.chunk("data", samples) + format) == nil, "FFmpeg reads it in whatever order")
        #expect(code(format + FileBytes.chunk("LIST", samples)) == .corrupt)
        #expect(code(format + FileBytes.chunk("LIST", samples, size: 1_000)) == .truncated)
        // 12 bytes of RIFF and 24 of format: less than any WAV file has.
        #expect(code(format) == .truncated)
        #expect(code(format + FileBytes.chunk("xxxx")) == .corrupt)
    }

    // MARK: AVI

    private let header = FileBytes.chunk("LIST", Array("hdrl".utf8))

    private func movie(_ size: UInt32? = nil) -> [UInt8] {
        FileBytes.chunk("LIST", Array("movi".utf8) + FileBytes.zeros(40), size: size)
    }

    private func film(_ chunks: [UInt8]) throws -> RIFFLayout {
        try RIFFLayout(avi: try folder.source(FileBytes.riff("RIFF", "AVI ", chunks)))
    }

    @Test func aFilmThatEndsBeforeItsMediaOrIndexIsCut() throws {
        let index = FileBytes.chunk("idx1", FileBytes.zeros(16))
        #expect(try !film(header + movie() + index).isTruncated)
        #expect(try film(header + movie(45)).isTruncated)
        #expect(try film(header + movie() + FileBytes.chunk("idx1", FileBytes.zeros(16), size: 17)).isTruncated)
        #expect(try film(header + movie() + FileBytes.chunk("RIFF", Array("AVIX".utf8), size: 5)).isTruncated)
        #expect(try !film(header + movie() + FileBytes.chunk("RIFF", Array("AVIX".utf8))).isTruncated)
        #expect(failureCode { _ = try film(movie()) } == .corrupt)
        #expect(failureCode { _ = try film(header) } == .truncated)
    }

    @Test func theFirstIndexIsHidden() throws {
        let index = FileBytes.chunk("idx1", FileBytes.zeros(16))
        let layout = try film(header + movie() + index + index)
        #expect(layout.indexOffset == Int64(12 + header.count + movie().count))
        #expect(try film(header + movie()).indexOffset == nil)
        let content = FileBytes.riff("RIFF", "AVI ", header + movie() + index)
        let judged = try ContainerJudge.judge(try folder.source(content))
        #expect(judged.container == .avi && judged.demuxer == "avi")
        let place = Int64(12 + header.count + movie().count)
        #expect(judged.patches == [BytePatch(offset: place, replacement: "JUNK")])
    }
}
