import Foundation
import ProgramSupport
import Testing

/// docs/threat-model.md, "Hostile files": what happens where the system cannot confine a decoder.
@Suite struct DecoderRightsTests {
    /// Runs the program where no process can set a filter for system calls; its status and standard error.
    ///
    /// `perl` sets a filter that forbids further ones, and becomes the program.
    private func runUnconfinable(
        _ arguments: [String], in place: Workplace, environment: [String: String]
    ) throws -> (status: Int32, errors: String) {
        #if arch(x86_64)
            let (prctl, architecture) = (157, "0xC000003E")
        #else
            let (prctl, architecture) = (167, "0xC00000B7")
        #endif
        // struct sock_filter: code, jumps if true and if false, constant. Forbids PR_SET_SECCOMP, allows all else.
        let script = """
            sub op { pack("S C C L", @_) }
            my $f = op(0x20, 0, 0, 4) . op(0x15, 0, 4, \(architecture)) . op(0x20, 0, 0, 0) . op(0x15, 0, 2, \(prctl))
                . op(0x20, 0, 0, 16) . op(0x15, 1, 0, 22) . op(0x06, 0, 0, 0x7fff0000) . op(0x06, 0, 0, 0x00050001);
            my $p = pack("S x6 P", length($f) / 8, $f);
            syscall(\(prctl), 38, 1, 0, 0, 0) == 0 or exit 101;
            syscall(\(prctl), 22, 2, $p) == 0 or exit 102;
            exec @ARGV or exit 103;
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/perl")
        process.arguments = ["-e", script, try ProcessRunner.executable.path] + arguments
        process.currentDirectoryURL = place.folder.url
        process.environment = place.folder.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let errors = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: errors, as: UTF8.self))
    }

    @Test func withoutFiltersAFileIsRefusedUnlessTheUserDoesWithout() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        try Media.wav([[Float](repeating: 0, count: 16_000)], rate: 16_000).write(
            to: URL(fileURLWithPath: place.file("second.wav")))
        let arguments = ["analyze", "second.wav", "--meeting", board.meeting]
        for environment in [[:], ["EARMARK_DECODER": "confined"], ["EARMARK_DECODER": ""]] {
            let refused = try runUnconfinable(arguments, in: place, environment: environment)
            #expect(refused.status == 74, "\(refused.errors)")
            #expect(refused.errors.contains("cannot confine it (seccomp); set EARMARK_DECODER=unconfined"))
        }
        // It decodes: one second is too short.
        let allowed = try runUnconfinable(arguments, in: place, environment: ["EARMARK_DECODER": "unconfined"])
        #expect(allowed.status == 22, "\(allowed.errors)")
        #expect(allowed.errors.contains("lasts 1 s"))
    }

    /// The variable takes nothing away where there are filters.
    @Test func withFiltersItMakesNoDifference() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        try place.write("words", to: "words.wav")
        let result = try place.run(
            ["analyze", "words.wav", "--meeting", board.meeting], environment: ["EARMARK_DECODER": "unconfined"])
        #expect(result.exitStatus == 20)
    }
}
