import Foundation
import ProgramSupport

/// A folder in which a test runs the program, with a store of its own.
final class Workplace: Sendable {
    let folder: TemporaryFolder

    /// An empty folder without a store.
    init() throws { folder = try TemporaryFolder() }

    /// A folder with a copy of the store (keys included) in `other`.
    init(copyOf other: TemporaryFolder) throws {
        folder = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: other.url.path)
        where name.hasPrefix("store.db") {
            try FileManager.default.copyItem(atPath: other.file(name), toPath: folder.file(name))
        }
    }

    /// The path of a file in the folder.
    func file(_ name: String) -> String { folder.file(name) }

    /// Writes `text` to a file of the folder that nobody else can read, as is right for secrets; returns its path.
    @discardableResult func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file(name))
        return file(name)
    }

    /// All of a file of the folder, as text.
    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
    }

    /// Runs the program here; whether it succeeds is for the caller to judge.
    func run(
        _ arguments: [String], input: Data? = nil, environment extra: [String: String] = [:]
    ) throws -> ProcessRunner.Result {
        try ProcessRunner.run(
            arguments, folder: folder.url, environment: folder.environment.merging(extra) { $1 }, input: input)
    }

    func run(_ arguments: String...) throws -> ProcessRunner.Result { try run(arguments) }

    /// Runs the program, which must succeed; what it prints.
    @discardableResult func succeed(_ arguments: [String]) throws -> String {
        let result = try run(arguments)
        guard result.exitStatus == 0 else {
            throw ProcessRunner.Failure(
                description: "earmark \(arguments): status \(result.exitStatus): \(result.errors)")
        }
        return result.text
    }

    @discardableResult func succeed(_ arguments: String...) throws -> String { try succeed(arguments) }

    /// Runs the program with `--json`, which must succeed; the object that it prints.
    func json(_ arguments: [String]) throws -> JSON { try JSON(text: try succeed(arguments + ["--json"])) }

    func json(_ arguments: String...) throws -> JSON { try json(arguments) }

    /// The answer to one file: the entry of `analyses`.
    func answer(_ file: String, _ arguments: String...) throws -> JSON { try answer(file, arguments) }

    @discardableResult func answer(_ file: String, _ arguments: [String]) throws -> JSON {
        try json(["analyze", file] + arguments)["analyses"][0]
    }

    /// Runs ffmpeg with an output in this folder and returns its path.
    @discardableResult func ffmpeg(_ arguments: [String], to name: String) throws -> String {
        try Media.ffmpeg(arguments, to: file(name))
    }
}
