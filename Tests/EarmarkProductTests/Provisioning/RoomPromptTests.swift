import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "Secrets": the terminal asks, shows nothing of what is typed, and lets it be corrected.
@Suite struct RoomPromptTests {
    /// Types `keys` where `earmark provision reset` asks for the secret, its envelope going to `file`; all that the
    /// terminal showed, and the exit status.
    private func type(_ keys: String, sealing file: String, in place: Workplace) throws -> (shown: String, Int32) {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Makes a terminal, whose keys are its standard input.
        let line = "'\(try ProcessRunner.executable.path)' provision reset --raw -o \(file)"
        process.arguments = ["script", "-qec", line, "/dev/null"]
        process.environment = place.folder.environment.merging(["TERM": "xterm"]) { $1 }
        process.currentDirectoryURL = place.folder.url
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var shown = Data()
        // What is typed before the question is lost, as the terminal is silenced for it.
        while shown.range(of: Data("Client secret: ".utf8)) == nil {
            let part = output.fileHandleForReading.availableData
            if part.isEmpty { break }
            shown += part
        }
        try input.fileHandleForWriting.write(contentsOf: Data(keys.utf8))
        shown += output.fileHandleForReading.readDataToEndOfFile()
        process.end(within: 120)
        return (String(decoding: shown, as: UTF8.self), process.terminationStatus)
    }

    /// Backspace takes a whole character, Ctrl-W a word with the blanks behind it, Ctrl-U all; Return or Ctrl-D ends.
    @Test(
        arguments: [
            ("k3J-9sQwX2pLx\u{7F}\r", "k3J-9sQwX2pL"), ("k3J-9sQwX2pLxy\u{8}\u{8}\n", "k3J-9sQwX2pL"),
            ("k3J-9sQwX2p\u{E9}\u{7F}L\r", "k3J-9sQwX2pL"), ("k3J-9sQwX2p\u{E9}\u{20AC}\u{8}\r", "k3J-9sQwX2p\u{E9}"),
            ("k3J-9sQwX2pL\u{1F511}\u{7F}\r", "k3J-9sQwX2pL"), ("x\u{7F}\u{7F}\u{7F}k3J-9sQwX2pL\r", "k3J-9sQwX2pL"),
            ("k3J-9s two  \u{17}QwX2pL\r", "k3J-9s QwX2pL"), ("k3J-9s\u{17}QwX2pLk3J-9s\r", "QwX2pLk3J-9s"),
            ("wrong \u{E9}\u{15}k3J-9sQwX2pL\u{4}", "k3J-9sQwX2pL"),
        ])
    func keysEdit(keys: String, secret: String) throws {
        let place = try Workplace()
        let (shown, status) = try type(keys, sealing: "typed.jwe", in: place)
        #expect(status == 0, "\(shown)")
        // Nothing of it is shown.
        #expect(!shown.contains("k3J") && !shown.contains("QwX") && !shown.contains("wrong"))
        try place.write(secret, to: "a.secret")
        let opened = try place.provision("verify", "typed.jwe", "--secret-file", "a.secret")
        #expect(opened.exitStatus == 0, "\(opened.errors)")
    }

    /// Keys that type no character would leave bytes that nobody sees.
    @Test(arguments: [("k3J-9sQwX2pL\u{1B}[D\r", 65, "types no character"), ("k3J\u{3}", 64, "interrupted")])
    func otherKeysEndIt(keys: String, status: Int32, reason: String) throws {
        let place = try Workplace()
        let (shown, ended) = try type(keys, sealing: "typed.jwe", in: place)
        #expect(ended == status && shown.contains(reason), "\(shown)")
        #expect(!FileManager.default.fileExists(atPath: place.file("typed.jwe")))
    }
}
