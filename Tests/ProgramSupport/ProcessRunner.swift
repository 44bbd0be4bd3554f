public import Foundation

/// Runs the built program.
public enum ProcessRunner {
    /// How a process ended.
    public struct Result: Sendable {
        /// What it exited with.
        public let exitStatus: Int32
        /// All that it wrote to standard output.
        public let output: Data
        /// All that it wrote to standard error.
        public let errors: String

        /// Standard output as text.
        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The program is missing or crashed.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String

        /// A failure that says `description`.
        public init(description: String) { self.description = description }
    }

    /// The program, which the build puts beside the tests.
    public static var executable: URL {
        get throws {
            guard let tests = Bundle.main.executableURL else { throw Failure(description: "no executable") }
            let folder = tests.resolvingSymlinksInPath().deletingLastPathComponent()
            let executable = folder.appendingPathComponent("earmark")
            guard FileManager.default.isExecutableFile(atPath: executable.path) else {
                throw Failure(description: "no program at \(executable.path)")
            }
            return executable
        }
    }

    /// Runs `earmark` in `folder` with `input` as standard input (nothing if nil) and waits for it; all goes through
    /// files, so that nothing can block.
    public static func run(
        _ arguments: [String], folder: URL, environment: [String: String], input: Data? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = try executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        let identifier = UUID().uuidString
        let paths = ["in", "out", "err"].map { folder.appendingPathComponent(".\($0)-\(identifier)") }
        defer { for path in paths { try? FileManager.default.removeItem(at: path) } }
        for path in paths { try Data().write(to: path) }
        if let input {
            try input.write(to: paths[0])
            process.standardInput = try FileHandle(forReadingFrom: paths[0])
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        process.standardOutput = try FileHandle(forWritingTo: paths[1])
        process.standardError = try FileHandle(forWritingTo: paths[2])
        try process.run()
        process.end()
        guard process.terminationReason == .exit else {
            throw Failure(description: "earmark crashed: \(arguments)")
        }
        return Result(
            exitStatus: process.terminationStatus, output: try Data(contentsOf: paths[1]),
            errors: String(decoding: try Data(contentsOf: paths[2]), as: UTF8.self))
    }
}
