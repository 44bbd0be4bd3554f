import Foundation
import Testing

@testable import EarmarkMedia

/// Reading headers byte by byte: right values, and nothing beyond the end.
@Suite struct ByteFieldsTests {
    private let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    @Test func fieldsHaveTheirValues() {
        #expect(bytes.bigEndian16(at: 0) == 0x0102)
        #expect(bytes.bigEndian32(at: 1) == 0x0203_0405)
        #expect(bytes.bigEndian64(at: 0) == 0x0102_0304_0506_0708)
        #expect(bytes.littleEndian16(at: 6) == 0x0807)
        #expect(bytes.littleEndian32(at: 4) == 0x0807_0605)
        #expect(bytes.littleEndian64(at: 0) == 0x0807_0605_0403_0201)
        #expect(Array("ftypqt  ".utf8).fourCC(at: 4) == "qt  ")
    }

    @Test func fieldsEndWhereTheBytesDo() {
        #expect(bytes.bigEndian16(at: 6) != nil && bytes.bigEndian16(at: 7) == nil && bytes.bigEndian16(at: -1) == nil)
        #expect(bytes.bigEndian32(at: 4) != nil && bytes.bigEndian32(at: 5) == nil && bytes.bigEndian32(at: -1) == nil)
        #expect(bytes.bigEndian64(at: 1) == nil && bytes.littleEndian64(at: 1) == nil)
        #expect(bytes.fourCC(at: 4) != nil && bytes.fourCC(at: 5) == nil)
    }

    @Test func textStandsWhereItStands() {
        let text = Array("RIFFWAVE".utf8)
        #expect(text.contains("WAVE", at: 4) && text.contains("RIFF", at: 0))
        #expect(!text.contains("WAVE", at: 3) && !text.contains("WAVE", at: 5) && !text.contains("RIFF", at: -1))
        #expect(!text.contains("RIFX", at: 0) && !text.contains("XIFF", at: 0))
    }

    @Test func codesAreShownWithoutOrdersToTerminals() {
        #expect(FourCC("mp4a").description == "mp4a")
        #expect(FourCC(rawValue: 0x1B7F_2080).description == "?? ?")
        #expect(FourCC("mp4a").bytes == Array("mp4a".utf8))
    }

    @Test func numbersAreGroupedByThousands() {
        for (number, text) in [
            (Int64(0), "0"), (999, "999"), (1_000, "1,000"), (999_999, "999,999"), (500_000_001, "500,000,001"),
            (-1_234, "-1,234"),
        ] {
            #expect(grouped(number) == text)
        }
    }

    @Test func filesAreReadWithinTheirLength() throws {
        let folder = try TemporaryFolder()
        let source = try folder.source(Array(0..<100))
        #expect(source.size == 100)
        #expect(source.bytes(at: 10, count: 3) == [10, 11, 12])
        #expect(source.bytes(at: 98, count: 10) == [98, 99])
        for (offset, count) in [(Int64(100), 1), (-1, 1), (0, 0), (0, -1)] {
            #expect(source.bytes(at: offset, count: count).isEmpty, "\(offset) \(count)")
        }
        var buffer = [UInt8](repeating: 0, count: 8)
        let count = buffer.withUnsafeMutableBytes { source.read(at: 95, into: $0) }
        #expect(count == 5 && buffer == [95, 96, 97, 98, 99, 0, 0, 0])
        #expect(buffer.withUnsafeMutableBytes { source.read(at: 100, into: $0) } == 0)
        #expect(buffer.withUnsafeMutableBytes { source.read(at: -1, into: $0) } == 0)
    }

    /// What is appended after the judgement is not part of the recording.
    @Test func whatIsAppendedLaterIsNotRead() throws {
        let folder = try TemporaryFolder()
        let source = try folder.source([1, 2, 3], as: "grows")
        let handle = try #require(FileHandle(forWritingAtPath: folder.file("grows")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([4, 5, 6]))
        try handle.close()
        #expect(source.bytes(at: 0, count: 10) == [1, 2, 3])
    }
}
