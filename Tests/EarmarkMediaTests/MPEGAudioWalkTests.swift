import EarmarkTestSupport
import Testing

@testable import EarmarkMedia

/// docs/json-schema.md, `unexamined`: what stands behind or within a raw stream, and is none of it.
@Suite struct MPEGAudioWalkTests {
    private let folder: TemporaryFolder
    private let mp3: [UInt8]
    private let adts: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        mp3 = (0..<40).flatMap { _ in FileBytes.mp3Frame() }
        adts = (0..<40).flatMap { _ in FileBytes.adtsFrame(300) }
    }

    private func judge(_ content: [UInt8]) throws -> JudgedRecording {
        try ContainerJudge.judge(try folder.source(content))
    }

    /// Bytes that begin no frame.
    private func junk(_ count: Int) -> [UInt8] {
        var state = SeededGenerator(state: 7)
        return (0..<count).map { _ in UInt8.random(in: 1...0xF0, using: &state) }
    }

    @Test func anotherStreamBehindIsToldAndLeftOut() throws {
        for (first, second, name) in [(mp3, adts, "AAC (ADTS)"), (adts, mp3, "MP3")] {
            for between in [[], FileBytes.zeros(500), FileBytes.id3(300), FileBytes.id3v1] {
                let judged = try judge(first + between + second)
                #expect(judged.unread.count == 1)
                #expect(judged.unread.first?.contains("\(grouped(Int64(second.count))) bytes of \(name)") == true)
                #expect(judged.window == 0..<Int64(first.count))
            }
            // Where the first goes on, all of it is decoded.
            let judged = try judge(first + second + first)
            #expect(judged.unread.count == 1 && judged.window.upperBound == Int64(2 * first.count + second.count))
            #expect(try judge(first + second.prefix(3_000)).unread.isEmpty, "too little to hear anything in")
        }
    }

    @Test func muchThatIsNoFrameIsTold() throws {
        for audio in [mp3, adts] {
            for place in [audio, []] {
                let told = try judge(audio + junk(70_000) + place).unread
                #expect(told.count == 1 && told[0].hasPrefix("70,000 bytes that are no frames"), "\(told)")
            }
            #expect(try judge(audio + junk(60_000) + audio).unread.isEmpty, "damage is counted by packets")
        }
    }

    @Test func tagsAndZerosAreNothing() throws {
        let picture = [0x89, 0x50, 0x4E, 0x47] + junk(100_000) + Array("IEND".utf8)
        var tag = FileBytes.id3(picture.count)
        tag.replaceSubrange(10..., with: picture)
        var ape = FileBytes.ape(picture.count, hasHeader: true)
        ape.replaceSubrange(32..<32 + picture.count, with: picture)
        for audio in [mp3, adts] {
            for thing in [FileBytes.zeros(3_000_000), tag, ape, FileBytes.id3v1, FileBytes.id3v1 + tag] {
                for rest in [audio, []] {
                    let judged = try judge(audio + thing + rest)
                    #expect(judged.unread.isEmpty, "\(judged.unread)")
                }
            }
        }
    }

    /// Frames go on behind each mistake as soon as two follow one another.
    @Test func damageIsNoOtherStream() throws {
        var damaged = (0..<2_000).flatMap { _ in FileBytes.mp3Frame() }
        for place in stride(from: 417 * 4, to: damaged.count, by: 417 * 4) { damaged[place] = 0 }
        let judged = try judge(damaged)
        #expect(judged.unread.isEmpty && judged.window == 0..<Int64(damaged.count))
    }
}
