import Foundation
import Testing

/// Runs the built executable.
enum ProcessRunner {
    /// How a process ended.
    struct Result {
        let exitStatus: Int32
        let output: Data
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The executable, which the build puts beside the tests.
    static var executable: URL {
        get throws {
            let tests = try #require(Bundle.main.executableURL)
            let folder = tests.resolvingSymlinksInPath().deletingLastPathComponent()
            let executable = folder.appendingPathComponent("earmark")
            try #require(FileManager.default.isExecutableFile(atPath: executable.path), "\(executable.path)")
            return executable
        }
    }

    /// Runs `earmark` in `folder` and waits for it; output and errors go through files, so that none can block.
    static func run(_ arguments: [String], folder: URL, environment: [String: String]) throws -> Result {
        let process = Process()
        process.executableURL = try executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        let identifier = UUID().uuidString
        let paths = ["out", "err"].map { folder.appendingPathComponent(".\($0)-\(identifier)") }
        let handles = try paths.map { path in
            try Data().write(to: path)
            return try FileHandle(forWritingTo: path)
        }
        defer { for path in paths { try? FileManager.default.removeItem(at: path) } }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationReason == .exit, "earmark crashed: \(arguments)")
        return Result(
            exitStatus: process.terminationStatus, output: try Data(contentsOf: paths[0]),
            errors: String(decoding: try Data(contentsOf: paths[1]), as: UTF8.self))
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("earmark-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// An environment that names the store `store.db` in this folder and nothing else of the user's.
    var environment: [String: String] {
        [
            "EARMARK_STORE": url.appendingPathComponent("store.db").path, "HOME": url.path,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ]
    }
}
