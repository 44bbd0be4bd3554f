import Foundation
import Testing

/// What the program says of its own command line to shells and other programs.
struct Verbs {
    /// A command that is run, by its words, and what it takes.
    struct Verb: Sendable, CustomTestStringConvertible {
        let path: [String]
        let arguments: [Taken]

        var testDescription: String { path.joined(separator: " ") }
        /// Words and options without which nothing can be done.
        var needed: [Taken] { arguments.filter { !$0.isOptional && $0.isShown } }

        func takes(_ name: String) -> Bool {
            arguments.contains { $0.long.contains(name) || ($0.kind == "positional" && $0.value == name) }
        }
    }

    /// A word or an option.
    struct Taken: Sendable {
        let kind: String
        let long: [String]
        let short: [String]
        let value: String
        let isOptional: Bool
        let isShown: Bool

        /// As help and errors show it.
        var synopsis: String { long.first.map { "--\($0) <\(value)>" } ?? "<\(value)>" }
    }

    /// Commands that have others below them, with the words of those.
    let groups: [[String]: [String]]
    let all: [Verb]

    init() throws {
        let dump = try JSON(text: try Workplace().succeed("--experimental-dump-help"))["command"]
        var groups: [[String]: [String]] = [:]
        var all: [Verb] = []
        func walk(_ command: JSON, _ path: [String]) {
            let below = command["subcommands"].array.filter { $0["commandName"].string != "help" }
            if below.isEmpty {
                all.append(Verb(path: path, arguments: command["arguments"].array.map(Self.taken)))
                return
            }
            groups[path] = below.compactMap { $0["commandName"].string }
            for next in below { walk(next, path + [next["commandName"].string ?? ""]) }
        }
        walk(dump, [])
        self.groups = groups
        self.all = all
    }

    private static func taken(_ argument: JSON) -> Taken {
        func names(_ kind: String) -> [String] {
            argument["names"].array.filter { $0["kind"].string == kind }.compactMap { $0["name"].string }
        }
        return Taken(
            kind: argument["kind"].string ?? "", long: names("long"), short: names("short"),
            value: argument["valueName"].string ?? "", isOptional: argument["isOptional"].bool ?? true,
            isShown: argument["shouldDisplay"].bool ?? true)
    }
}
