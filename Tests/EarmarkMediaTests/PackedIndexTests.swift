import EarmarkTestSupport
import Testing

@testable import EarmarkMedia

/// Indices that QuickTime packed, wherever they stand and whatever stands behind the media.
@Suite struct PackedIndexTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func packed(_ movie: [UInt8], method: String = "zlib") throws -> [UInt8] {
        let data = FileBytes.box("cmvd", FileBytes.big(UInt32(movie.count)) + (try Packed.zlib(movie)))
        return FileBytes.box("moov", FileBytes.box("cmov", FileBytes.box("dcom", Array(method.utf8)) + data))
    }

    /// Head, media and index of a film that FFmpeg wrote.
    private func film() throws -> (head: [UInt8], media: [UInt8], index: [UInt8]) {
        let plain = try bytes(of: try folder.ffmpeg(Source.film() + " -c:a pcm_s16be -c:v mpeg4", to: "plain.mov"))
        let media = try #require(plain.firstRange(of: Array("mdat".utf8))).lowerBound - 4
        let index = try #require(plain.firstRange(of: Array("moov".utf8))).lowerBound - 4
        try #require(media < index)
        return (Array(plain[..<media]), Array(plain[media..<index]), Array(plain[index...]))
    }

    private func seconds(_ content: [UInt8]) throws -> Double {
        let found = try decode(try folder.write(content, as: "a.mov"))
        #expect(found.summary.corruptPackets == 0 && purity(found.channels[0], hertz: 440, rate: 48_000) > 0.9)
        return found.summary.seconds
    }

    @Test func whateverStandsAtTheEndTheIndexIsFound() throws {
        let (head, media, index) = try film()
        let packed = try Self.packed(index)
        for tail in [[], [0, 0, 0], FileBytes.zeros(4) + Array("free".utf8) + FileBytes.zeros(90)] {
            #expect(try abs(seconds(head + media + packed + tail) - 3) < 0.01, "\(tail.count)")
        }
        // Of 64 bits, and longer than the file.
        let long = FileBytes.longBox("free", FileBytes.zeros(90), size: 5_000)
        #expect(try abs(seconds(head + media + packed + long) - 3) < 0.01)
    }

    @Test func aFilmMayHaveNothingButAPackedIndex() throws {
        let (head, media, index) = try film()
        let decoder = try RecordingDecoder(path: folder.write(head + media + (try Self.packed(index)), as: "a.mov"))
        #expect(decoder.container == .mov && decoder.tracks.count == 1 && decoder.omitted.isEmpty)
        #expect(decoder.byteCount == Int64(head.count + media.count + (try Self.packed(index)).count))
    }

    @Test func whatCannotBeUnpackedIsRefused() throws {
        let (head, media, index) = try film()
        func refusal(_ moov: [UInt8]) throws -> MediaError {
            try #require(failure { _ = try ContainerJudge.judge(try folder.source(head + media + moov)) })
        }
        let other = try refusal(try Self.packed(index, method: "adec"))
        #expect(other.code == .unsupportedType && other.message.contains("adec") && other.message.contains("ffmpeg -i"))
        for parts in [[], FileBytes.box("dcom", Array("zlib".utf8)), FileBytes.box("cmvd", FileBytes.zeros(20))] {
            let found = try refusal(FileBytes.box("moov", FileBytes.box("cmov", parts)))
            #expect(found.code == .corrupt && found.message.contains("cmov"))
        }
        #expect(
            try refusal(try Self.packed(FileBytes.box("free", index))).code == .corrupt, "what is packed is no index")
        // An index that is packed twice holds no track.
        let twice = try ContainerJudge.judge(try folder.source(head + media + Self.packed(try Self.packed(index))))
        #expect(twice.tracks?.isEmpty == true)
    }

    /// What is not packed counts, and the rest is told.
    @Test func aPackedIndexBesideTracksIsTold() throws {
        let (head, media, index) = try film()
        let inner = try Self.packed(index)[8...]
        let both = FileBytes.box("moov", Array(index[8...]) + inner)
        let judged = try ContainerJudge.judge(try folder.source(head + media + both))
        #expect(judged.tracks?.count == 2 && judged.unread.count == 1 && judged.unread[0].contains("cmov"))
    }
}
