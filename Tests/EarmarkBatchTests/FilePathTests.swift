import EarmarkFiles
import Foundation
import ProgramSupport
import Testing

@Suite struct FilePathTests {
    @Test(
        arguments: [
            ([0x61, 0xE4, 0x62], "a\\xE4b"), (Array("ä/b".utf8), "ä/b"), (Array("\\xE4".utf8), "\\x5CxE4"),
            (Array("\\".utf8) + [0xE4], "\\\\xE4"), (Array("\\x5CxE4".utf8), "\\x5Cx5CxE4"),
            (Array("\\xe4".utf8), "\\xe4"),
            ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"), ([0xC0, 0xAF], "\\xC0\\xAF"),
            ([0xF4, 0x90, 0x80, 0x80], "\\xF4\\x90\\x80\\x80"),
            ([0xC3], "\\xC3"), (Array("e\u{301}\u{1F468}".utf8), "e\u{301}\u{1F468}"), ([], ""),
        ] as [([UInt8], String)])
    func bytesAndTextMeanEachOther(bytes: [UInt8], text: String) {
        #expect(Array(FilePath.text(bytes).utf8) == Array(text.utf8))
        #expect(FilePath.bytes(text) == bytes)
    }

    @Test func allBytesComeBack() {
        var state: UInt64 = 7
        for _ in 0..<2_000 {
            let bytes = (0..<12).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let choice = Array("\\xE45C/é".utf8) + [UInt8(truncatingIfNeeded: state >> 40)]
                return choice[Int(state >> 33) % choice.count]
            }
            #expect(FilePath.bytes(FilePath.text(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        ("l", "", "l", ""), ("/", "/", "/", ""), ("/x", "/", "x", ""), ("a/b.c", "a", "b.c", "c"),
        ("a//b.c/", "a", "b.c", "c"), ("", "", "", ""), (".x", "", ".x", ""), ("a.b/c", "a.b", "c", ""),
        ("//a", "/", "a", ""), ("a/\u{301}b.MP4", "a", "\u{301}b.MP4", "mp4"), ("-", "", "-", ""), (" ", "", " ", ""),
    ])
    func pathsHaveParts(path: String, parent: String, last: String, ending: String) {
        #expect(FilePath.parent(path) == parent)
        #expect(FilePath.lastPart(path) == last)
        #expect(FilePath.ending(path) == ending)
    }

    @Test func pathsAreJoinedAndCut() {
        #expect(FilePath.join("", "a") == "a" && FilePath.join("/", "a") == "/a" && FilePath.join("b/", "a") == "b/a")
        #expect(FilePath.withoutEnding("a.b/c.d.e") == "a.b/c.d" && FilePath.withoutEnding("a.b/.c") == "a.b/.c")
        #expect(FilePath.withoutEnding("r") == "r")
        #expect(FilePath.databaseName("a.db") == "a.db" && FilePath.databaseName(":memory:") == "./:memory:")
        #expect(FilePath.databaseName("a?\\xE4%.db") == "file:a%3F%E4%25.db")
    }

    @Test func whatHoldsNULNamesNothing() {
        #expect(FilePath.status("/\0x") == nil && FilePath.status("/") != nil)
    }

    /// What is no UTF-8 is one word of a shell, too, and no option of a program.
    @Test(arguments: [
        ("-\\xE4.wav", "$'./-\\xE4.wav'"), ("--\\xFF", "$'./--\\xFF'"), ("\\xE4-b", "$'\\xE4-b'"),
        ("a/-\\xE4", "$'a/-\\xE4'"), ("-it's\\xE4", "$'./-it\\'s\\xE4'"), ("\\\\xE4", "$'\\\\\\xE4'"),
        ("-", "./-"), ("-n\nm", "$'./-n\\x0Am'"), ("\n\\xE4", "$'\\x0A\\xE4'"),
    ])
    func pathsAreOneWordOfAShell(path: String, word: String) { #expect(FilePath.shellWord(path) == word) }
}

/// Files that must be small, around what is read of them at a time: 64 KiB.
@Suite struct SmallFileTests {
    @Test(arguments: [0, 1, 65_534, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1 << 20])
    func aFileIsReadWholeOrRefused(limit: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("list")
        for count in [limit - 1, limit, limit + 1, limit + 65_536] where count >= 0 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 251) }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            if count <= limit {
                #expect(try SmallFile.read(path, maximumByteCount: limit) == bytes, "\(count)")
            } else {
                let error = #expect(throws: FileError.self) { try SmallFile.read(path, maximumByteCount: limit) }
                #expect(error?.code == .tooLarge, "\(count)")
            }
        }
    }

    @Test func whatIsNotThereIsMissing() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: FileError.self) {
            try SmallFile.read(folder.file("none"), maximumByteCount: 9)
        }
        #expect(error?.code == .missing)
    }
}
