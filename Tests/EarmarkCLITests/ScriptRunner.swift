import Foundation
import ProgramSupport
import Testing

/// Runs a script of commands and expectations, one a line.
///
///     $ earmark VERB …        must succeed, without a word on standard error
///     [66] $ earmark VERB …   must exit with 66, say something on standard error and nothing on standard output
///     [warn] $ earmark VERB … must succeed, with a warning or note on standard error
///     > TEXT                  the last output contains TEXT
///     !> TEXT                 it does not
///     2> TEXT                 the last error output contains TEXT
///     json PATH == VALUE      in the last output; PATH like clients.0.email, # counts
///     json PATH as NAME       remembers a value for ${NAME}
///     save FILE               keeps the last output in FILE
///     mode FILE 600           FILE has these permissions
///     env NAME VALUE          for the commands that follow
///     file NAME               writes the lines until "end" to NAME
///
/// Words may be quoted with double quotes; lines that are empty or begin with # are comments.
struct ScriptRunner {
    struct Failure: Error, CustomStringConvertible {
        let line: Int
        let text: String
        var description: String { "line \(line): \(text)" }
    }

    private let folder: TemporaryFolder
    private var environment: [String: String]
    private var variables: [String: String] = [:]
    private var last: ProcessRunner.Result?
    private var line = 0

    private init() throws {
        folder = try TemporaryFolder()
        environment = folder.environment
        variables["DIR"] = folder.url.path
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        // Keys as whoever made them keeps them; a checkout lets everybody read.
        let keys = folder.url.appendingPathComponent("pki")
        try FileManager.default.copyItem(
            at: tests.appendingPathComponent("EarmarkProvisioningTests/Vectors/pki"), to: keys)
        for name in try FileManager.default.contentsOfDirectory(atPath: keys.path) {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: keys.appendingPathComponent(name).path)
        }
        variables["PKI"] = keys.path
    }

    /// Runs the script in `text`; throws at the first line that fails.
    static func run(_ text: String) throws {
        var runner = try ScriptRunner()
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let next = lines.popFirst() {
            runner.line += 1
            if next.hasPrefix("file ") {
                let content = lines.prefix { $0 != "end" }
                lines = lines.dropFirst(content.count + 1)
                try runner.write(
                    runner.substituted(content.joined(separator: "\n")) + "\n", to: String(next.dropFirst(5)))
                runner.line += content.count + 1
            } else if !next.isEmpty, !next.hasPrefix("#") {
                try runner.perform(runner.substituted(String(next)))
            }
        }
    }

    private mutating func perform(_ statement: String) throws {
        let words = Self.words(statement)
        let status = words[0].hasPrefix("[") ? Int32(words[0].dropFirst().dropLast()) : nil
        switch words[0] {
        case "$": try execute(Array(words.dropFirst(2)), status: 0)
        case "[warn]": try execute(Array(words.dropFirst(3)), status: 0, warns: true)
        case "save": try (last?.output ?? Data()).write(to: folder.url.appendingPathComponent(words[1]))
        case _ where status != nil: try execute(Array(words.dropFirst(3)), status: status ?? 0)
        case ">": try require(output.contains(statement.dropFirst(2)), "output is: \(output)")
        case "!>": try require(!output.contains(statement.dropFirst(3)), "output is: \(output)")
        case "2>": try require(errors.contains(statement.dropFirst(3)), "errors are: \(errors)")
        case "json": try json(words)
        case "mode": try mode(words[1], words[2])
        case "env": environment[words[1]] = words[2]
        default: throw failure("unknown statement: \(statement)")
        }
    }

    private mutating func execute(_ arguments: [String], status: Int32, warns: Bool = false) throws {
        let result = try ProcessRunner.run(arguments, folder: folder.url, environment: environment)
        last = result
        try require(result.exitStatus == status, "exit status \(result.exitStatus): \(result.errors)")
        if warns {
            let isWarning = result.errors.hasPrefix("earmark: warning: ") || result.errors.hasPrefix("earmark: note: ")
            try require(isWarning, "errors are: \(result.errors)")
        } else if status == 0 {
            try require(result.errors.isEmpty, "errors are: \(result.errors)")
        } else {
            try require(result.errors.hasPrefix("earmark: error: "), "errors are: \(result.errors)")
            try require(result.output.isEmpty, "output is: \(output)")
        }
    }

    private mutating func json(_ words: [String]) throws {
        let value = try value(at: words[1])
        if words[2] == "as" {
            variables[words[3]] = value
        } else {
            try require(value == words[3], "\(words[1]) is \(value)")
        }
    }

    private func value(at path: String) throws -> String {
        var value = try JSONSerialization.jsonObject(with: last?.output ?? Data())
        for key in path.split(separator: ".") {
            switch value {
            case let array as [Any] where key == "#": value = array.count
            case let array as [Any]:
                guard let index = Int(key), array.indices.contains(index) else { throw failure("no \(path)") }
                value = array[index]
            case let object as [String: Any]:
                guard let member = object[String(key)] else { throw failure("no \(path) in \(output)") }
                value = member
            default: throw failure("no \(path)")
            }
        }
        return "\(value)"
    }

    private func mode(_ name: String, _ expected: String) throws {
        let path = folder.url.appendingPathComponent(name).path
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        try require(mode.map { String($0, radix: 8) } == expected, "mode is \(mode ?? -1)")
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.url.appendingPathComponent(name))
    }

    private var output: String { last?.text ?? "" }
    private var errors: String { last?.errors ?? "" }

    private func require(_ condition: Bool, _ text: String) throws {
        if !condition { throw failure(text) }
    }

    private func failure(_ text: String) -> Failure { Failure(line: line, text: text) }

    private func substituted(_ text: String) -> String {
        variables.reduce(text) { $0.replacing("${\($1.key)}", with: $1.value) }
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
                word = word ?? ""
            } else if character == " ", !isQuoted {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return word.map { words + [$0] } ?? words
    }
}
