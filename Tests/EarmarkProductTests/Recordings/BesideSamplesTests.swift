import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `unexamined`, and docs/batch.md: what stands beside the samples of a WAV file is examined, or
/// is in the answer.
@Suite struct BesideSamplesTests {
    private let place: Workplace
    private let board: Board
    /// Head and samples of the marked recording, and of the clean one.
    private let marked: [UInt8]
    private let clean: [UInt8]

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
        marked = try RecordingFiles.bytes(board.bela)
        clean = try RecordingFiles.bytes(board.host)
    }

    private static func little(_ value: Int, _ size: Int = 4) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The `data` chunk of a WAV file, head and all.
    private static func data(_ file: [UInt8]) throws -> [UInt8] {
        Array(file[try #require(file.firstRange(of: Array("data".utf8))).lowerBound...])
    }

    private static func head(_ file: [UInt8]) throws -> [UInt8] {
        Array(file[..<(try #require(file.firstRange(of: Array("data".utf8))).lowerBound)])
    }

    private func answer(_ content: [UInt8]) throws -> JSON {
        try RecordingFiles.write(content, to: "x.wav", in: place)
        return try place.answer(place.file("x.wav"), ["--meeting", board.meeting, "--effort", "fast", "--allow-short"])
    }

    @Test func ofTwoChunksOfSamplesTheLongerIsExaminedAndTheOtherTold() throws {
        let (head, long, short) = try (Self.head(marked), Self.data(marked), Self.data(clean))
        let half = Array("data".utf8) + Self.little(short.count / 4 * 2) + short[8..<8 + short.count / 4 * 2]
        for parts in [long + half, half + long] {
            let answer = try answer(head + parts)
            #expect(answer["verdict"].string == "identified")
            let reason = answer["file"]["unexamined"][0]["reason"].string
            #expect(reason?.hasPrefix("it has another data chunk of ") == true)
        }
        let lost = try answer(Self.head(clean) + Self.data(clean) + half)
        #expect(lost["verdict"].string == "incomplete")
        // A chunk without samples leaves nothing out.
        let whole = try answer(head + long + Array("data".utf8) + Self.little(0))
        #expect(whole["verdict"].string == "identified" && whole["file"]["unexamined"].array.isEmpty)
    }

    @Test func samplesThatNoHeaderCountsAreExamined() throws {
        let samples = try Self.data(marked).dropFirst(8)
        let short = try Self.head(marked) + Array("data".utf8) + Self.little(320) + samples
        let answer = try answer(short)
        #expect(answer["verdict"].string == "identified")
        let seconds = Double(samples.count) / 32_000
        #expect(abs((answer["file"]["seconds"].double ?? 0) - seconds) < 0.1)
    }

    @Test func anotherFileBehindTheFirstIsTold() throws {
        let answer = try answer(clean + marked)
        #expect(answer["verdict"].string == "incomplete")
        let reason = "another file of \(marked.count.formatted(.number.locale(.init(identifier: "en_US")))) bytes"
        let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
        #expect(reasons.contains { $0.hasPrefix(reason) }, "\(reasons)")
        // What editors write behind the samples is none.
        let tagged = try self.answer(
            clean + Array("LIST".utf8) + Self.little(70_000) + [UInt8](repeating: 65, count: 70_000))
        #expect(tagged["verdict"].string == "not-found")
    }

    /// A writer that died left the size of the samples 0 (EBU Tech 3306, `ds64`).
    @Test(arguments: ["RF64", "BW64"]) func unfinishedLargeFilesAreRead(name: String) throws {
        let (head, data) = try (Self.head(marked), Self.data(marked))
        let large = Array("ds64".utf8) + Self.little(28) + [UInt8](repeating: 0, count: 28)
        let open = Self.little(0xFFFF_FFFF)
        let content =
            Array(name.utf8) + open + Array("WAVE".utf8) + large + head[12...] + Array("data".utf8) + open + data[8...]
        #expect(try answer(content)["verdict"].string == "identified")
    }

    /// 16 bits in a block that is stated twice as long: no padding, so bits and channels tell.
    @Test func blocksThatAreStatedTooLongAreReadByTheirBits() throws {
        var content = marked
        let format = try #require(content.firstRange(of: Array("fmt ".utf8))).upperBound + 4
        content.replaceSubrange(format + 12..<format + 14, with: [4, 0])
        let answer = try answer(content)
        #expect(answer["verdict"].string == "identified")
        #expect(abs((answer["file"]["seconds"].double ?? 0) - Double(marked.count) / 32_000) < 0.1)
    }

    @Test func whatIsEmptyIsNotDamaged() throws {
        try RecordingFiles.write(Self.head(clean) + Array("data".utf8) + Self.little(0), to: "x.wav", in: place)
        let result = try place.run("analyze", "x.wav", "--meeting", board.meeting)
        #expect(result.exitStatus == 23 && result.errors.contains("holds no samples"))
    }
}
