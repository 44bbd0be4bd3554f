import Foundation

/// A folder that vanishes with the last reference to it.
public final class ScratchFolder: Sendable {
    /// A command that did not end well.
    public struct Failed: Error, CustomStringConvertible {
        /// The command and its exit status.
        public let description: String
    }

    /// Where it is.
    public let path: String

    /// Makes an empty folder.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/earmark-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Names of all files in the folder, hidden ones too.
    public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// All bytes of a file in the folder.
    public func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    /// Runs `ffmpeg` with an output in this folder and returns its path.
    public func ffmpeg(_ arguments: [String], to name: String) throws -> String {
        _ = try output(of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments + [file(name)])
        return file(name)
    }

    /// What a command prints.
    public func output(of command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(command.joined(separator: " ")): status \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
