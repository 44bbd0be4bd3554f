import Foundation
import ProgramSupport
import Testing

/// Addresses, folders and other files in place of the one that is wanted.
@Suite struct WrongFilesTests {
    private let place: Workplace
    private let host: String

    init() throws {
        let board = try Board.shared()
        place = try board.workplace()
        host = board.host
        try place.succeed("ticket", "issue", "-m", "Board", "--client", "ada", "-o", "ada.ticket")
        try FileManager.default.createDirectory(atPath: place.file("folder"), withIntermediateDirectories: false)
    }

    /// Every verb that reads a file, with what it is given in place of `FILE`.
    private static let lines = [
        "analyze FILE -m Board", "embed FILE out.wav --ticket ada.ticket", "embed HOST out.wav --ticket FILE",
        "filter --rate 16000 --ticket=FILE", "calibrate FILE -m Board", "analyze HOST -m Board --reference FILE",
        "batch FILE -m Board --out lines.ndjson", "report verify FILE", "ticket status FILE", "ticket show FILE",
        "analysis find FILE", "evidence verify FILE HOST", "meeting import FILE", "bundle show FILE",
        "client add -m Board --roster FILE", "meeting create --title X --start now -r FILE", "run status FILE",
    ]

    private func run(_ line: String, _ file: String) throws -> ProcessRunner.Result {
        try place.run(
            line.split(separator: " ").map { word in
                word == "HOST" ? host : String(word).replacing("FILE", with: file)
            }, input: Data())
    }

    @Test(arguments: lines) func addressesAreNotFetched(line: String) throws {
        let address = "https://example.org/a%20b.m4a?x=1&y=2"
        let result = try run(line, address)
        #expect(result.exitStatus == (line.hasPrefix("run") ? 78 : 66) && result.output.isEmpty, "\(result.errors)")
        guard result.exitStatus == 66 else { return }
        // In quotes, as the shell would take the address apart.
        let advice = "nothing is fetched: download it first with curl -L -o recording '\(address)'"
        #expect(result.errors.contains(advice), "\(result.errors)")
    }

    @Test(arguments: lines) func foldersAreCalledFolders(line: String) throws {
        let result = try run(line, "folder")
        if line.hasPrefix("batch") {
            #expect(result.exitStatus == 0 && result.errors.contains("there is no file to analyse"))
            return
        }
        #expect(result.exitStatus != 0 && result.output.isEmpty)
        #expect(result.errors.contains("is a folder"), "\(result.errors)")
    }

    @Test func backupsAreFiles() throws {
        let result = try place.run("store", "restore", "folder", "--yes")
        #expect(result.exitStatus == 78 && result.errors.contains("'folder' is a folder"), "\(result.errors)")
        #expect(try place.json("meetings")["meetings"].array.count == 1)
    }

    /// What is wrong with a roster, and what one looks like.
    @Test func rostersSayWhatTheyLookLike() throws {
        func refused(_ text: String, saying words: String...) throws {
            try place.write(text, to: "roster.csv")
            let result = try place.run("meeting", "create", "--title", "New", "--start", "now", "-r", "roster.csv")
            #expect(result.exitStatus == 65 && result.output.isEmpty, "\(text)")
            for word in words { #expect(result.errors.contains(word), "\(text): \(result.errors)") }
        }
        let form = "the first row names the columns, such as participant,email,device"
        try refused("", saying: "empty", form)
        let name = "'Name' is none of participant, email, device, kind, microphone; if it is meant as participant"
        try refused("Name,X\nAda,ada@example.org\n", saying: name, "'X' is none of", form)
        try refused("Ada,ada@example.org,laptop\n", saying: "'Ada' is none of", form)
        try refused("participant,email\nAda,ada@example.org\n", saying: "column device", form)
        try refused("ticket\u{0}\u{1}", saying: "is no text", "CSV UTF-8")
        for separator in ["\t", ";", ","] {
            let rows = [["participant", "email", "device"], ["Uta Ö", "uta@example.org", "laptop"]]
            let text = rows.map { $0.joined(separator: separator) }.joined(separator: "\r\n") + "\r\n"
            try place.write(text, to: "good.csv")
            try place.succeed("client", "add", "-m", "Board", "--roster", "good.csv")
            try place.succeed("client", "remove", "uta ö", "-m", "Board", "--yes")
        }
    }

    /// A home that is not there or must not be written to is told with the way round it; nothing is left behind.
    @Test func homesThatCannotHoldAStore() throws {
        try place.write("no folder", to: "file")
        let home = ["EARMARK_STORE": "", "HOME": place.file("file")]
        let refused = try place.run(["init", "--org", "Example Ltd"], environment: home)
        #expect(refused.exitStatus == 74 && refused.errors.contains("cannot create folder"), "\(refused.errors)")
        #expect(refused.errors.contains("there is a file of that name; $EARMARK_STORE"))
        let named = ["init", "--org", "Example Ltd", "--store", "mine.db"]
        try #require(try place.run(named, environment: ["HOME": "", "EARMARK_KEY_FILE": ""]).exitStatus == 0)
    }
}
