import EarmarkTestSupport
import Foundation
import ProgramSupport

/// Somebody who types commands into a shell in a bare folder, as docs/errors.md and `earmark --help` say, and copies no
/// identifier.
struct Newcomer {
    let place: Workplace

    init() throws { self.init(place: try Workplace()) }

    /// In a folder with something in it.
    init(place: Workplace) { self.place = place }

    /// What a command line printed and how it ended.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// Whether it went wrong with this status and said all of this.
        func isRefused(_ status: Int32, saying words: String...) -> Bool {
            self.status == status && words.allSatisfy { errors.contains($0) }
        }
    }

    /// Runs a command line as a shell reads it.
    func type(_ line: String) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = place.folder.url
        let program = try ProcessRunner.executable.deletingLastPathComponent().path
        process.environment = place.folder.environment.merging([
            "PATH": program + ":/usr/local/bin:/usr/bin:/bin", "TZ": "UTC",
        ]) { $1 }
        let (output, errors) = (place.file(".out"), place.file(".err"))
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.end(within: 120)
        return Outcome(
            status: process.terminationStatus, output: try place.text(of: ".out"), errors: try place.text(of: ".err"))
    }

    /// Runs a command line that must succeed; what it printed.
    @discardableResult func done(_ line: String) throws -> String {
        let outcome = try type(line)
        guard outcome.status == 0 else {
            throw ProcessRunner.Failure(description: "\(line): status \(outcome.status): \(outcome.errors)")
        }
        return outcome.output
    }

    /// The command line that a message advises: what follows `beginning`, from there to the line's end.
    func advised(_ beginning: String, by outcome: Outcome) -> String {
        outcome.errors.firstRange(of: beginning).map { range in
            String(outcome.errors[range.lowerBound...].prefix { $0 != "\n" })
        } ?? ""
    }
}
