import ArgumentParser
import Foundation

/// What a command takes, as the argument parser describes it to other programs.
struct CommandOptions {
    /// A word or an option that a command takes.
    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            /// With its dashes.
            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        /// `positional`, `option` or `flag`.
        let kind: String
        let shouldDisplay: Bool?
        let isOptional: Bool?
        let isRepeating: Bool?
        let parsingStrategy: String?
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let abstract: String?

        /// As usage lines show it, such as `--meeting <meeting>`.
        var synopsis: String {
            let value = "<\(valueName ?? "value")>"
            guard let name = preferredName?.text else { return value }
            return kind == "flag" ? name : "\(name) \(value)"
        }

        var isNeeded: Bool { !(isOptional ?? false) && (shouldDisplay ?? true) }
    }

    private struct Description: Decodable {
        struct Command: Decodable {
            let arguments: [Argument]?
            let subcommands: [Command]?

            /// Those of all commands below, too.
            var all: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.all) }
        }

        let command: Command
    }

    /// What every command takes beside its own.
    static let common = [
        "--help", "-h", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    /// Whether an argument is for the parser itself: help, the version, what shells ask.
    static func isParsers(_ argument: String) -> Bool {
        argument.hasPrefix("---") || common.contains(String(argument.prefix { $0 != "=" }))
    }

    /// All of them, in the order of usage lines.
    let arguments: [Argument]
    private let named: [String: Argument]

    /// What `command` itself takes; with all that those below it take, if so asked.
    init(of command: any ParsableCommand.Type, withSubcommands isDeep: Bool = false) throws {
        let description = try JSONDecoder().decode(Description.self, from: Data(command._dumpHelp().utf8)).command
        arguments = isDeep ? description.all : description.arguments ?? []
        named = arguments.reduce(into: [:]) { result, argument in
            for name in argument.names ?? [] { result[name.text] = argument }
        }
    }

    /// Names that help shows, with their dashes.
    var shown: [String] {
        arguments.filter { $0.shouldDisplay ?? true }.flatMap { $0.names ?? [] }.map(\.text)
    }

    /// Words that have no name, in their order.
    var positionals: [Argument] { arguments.filter { $0.kind == "positional" } }

    /// Whether the option of this name, with its dashes, takes a value; nil if there is none.
    func takesValue(_ name: String) -> Bool? {
        if Self.common.contains(name) { return false }
        return named[name].map { $0.kind == "option" }
    }

    /// Whether an option takes a value in some commands and none in others.
    func isAmbiguous(_ name: String) -> Bool {
        let kinds = arguments.filter { ($0.names ?? []).contains { $0.text == name } }.map { $0.kind == "option" }
        return Set(kinds).count > 1
    }

    /// Whether the option's value is the next word, whatever that looks like.
    fileprivate func takesAnything(_ name: String) -> Bool {
        named[name]?.parsingStrategy?.hasPrefix("unconditional") ?? false
    }
}

/// The arguments behind a verb, read as its options have them.
struct ArgumentReading {
    enum Piece: Equatable {
        /// An option or a flag, with its value; nil where that is missing, or none is taken.
        case option(String, value: String?)
        /// An option that the command does not have, by its name.
        case unknown(String)
        case word(String)
    }

    private(set) var pieces: [Piece] = []
    /// What stands behind `--`; nil without it.
    private(set) var trailing: [String]?
    private let options: CommandOptions
    /// An option without its value, and the word behind it that looks like an option.
    private(set) var withoutValue: (option: String, next: String)?
    /// Whether a value is joined to an option, or begins with a dash, as the parser does not take it.
    private var isUnplain = false

    init(_ arguments: some Collection<String>, _ options: CommandOptions) {
        self.options = options
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                trailing = Array(rest)
                return
            }
            guard argument.hasPrefix("-"), argument.count > 1 else {
                pieces.append(.word(argument))
                continue
            }
            pieces.append(argument.hasPrefix("--") ? long(argument, &rest) : short(argument, &rest))
        }
    }

    private mutating func long(_ argument: String, _ rest: inout ArraySlice<String>) -> Piece {
        let name = String(argument.prefix { $0 != "=" })
        guard let takesValue = options.takesValue(name) else {
            return Self.isText(name) ? .word(argument) : .unknown(name)
        }
        if argument != name { return .option(name, value: String(argument.dropFirst(name.count + 1))) }
        return .option(name, value: takesValue ? value(of: name, &rest) : nil)
    }

    private mutating func short(_ argument: String, _ rest: inout ArraySlice<String>) -> Piece {
        let name = String(argument.prefix(2))
        guard let takesValue = options.takesValue(name) else {
            return Self.isText(argument) ? .word(argument) : .unknown(name)
        }
        if argument == name { return .option(name, value: takesValue ? value(of: name, &rest) : nil) }
        // A value that is joined, or flags that share a dash.
        if takesValue {
            let value = argument.dropFirst(2)
            isUnplain = isUnplain || !value.hasPrefix("=")
            return .option(name, value: String(value.hasPrefix("=") ? value.dropFirst() : value))
        }
        let others = argument.dropFirst(2).map { "-\($0)" }
        return .option(others.first { options.takesValue($0) == nil } == nil ? argument : name, value: nil)
    }

    private mutating func value(of name: String, _ rest: inout ArraySlice<String>) -> String? {
        guard let next = rest.first else { return nil }
        let isOption = next.hasPrefix("-") && next.count > 1
        let isTaken =
            !isOption || options.takesAnything(name) || Self.isText(next)
            || (!next.hasPrefix("--") && options.takesValue(String(next.prefix(2))) == nil)
        guard isTaken else {
            withoutValue = (name, next)
            return nil
        }
        isUnplain = isUnplain || (isOption && !options.takesAnything(name))
        rest.removeFirst()
        return next
    }

    /// Whether a word that begins with a dash is a value: a number, a time before the start, a sentence.
    static func isText(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word.count > 1 else { return false }
        let second = word.dropFirst().first ?? "-"
        return second.isNumber || second == "." || word.prefix { $0 != "=" }.contains(where: \.isWhitespace)
    }

    /// Words that stand for themselves.
    var words: [String] {
        pieces.compactMap { if case .word(let text) = $0 { text } else { nil } } + (trailing ?? [])
    }

    /// Names of the options, as they were typed.
    var names: [String] {
        pieces.compactMap { piece in
            switch piece {
            case .option(let name, _), .unknown(let name): name
            case .word: nil
            }
        }
    }

    /// The arguments as the parser understands them: values that begin with a dash joined to their options, and words
    /// that do behind `--`.
    ///
    /// Nil if nothing had to be changed.
    var plain: [String]? {
        let isDashed = trailing == nil && words.contains { $0.hasPrefix("-") && $0.count > 1 }
        guard isDashed || isUnplain else { return nil }
        var result: [String] = []
        for piece in pieces {
            switch piece {
            case .unknown: return nil
            case .option(let name, nil): result.append(name)
            case .option(let name, let value?):
                result += options.takesAnything(name) ? [name, value] : ["\(name)=\(value)"]
            case .word(let text): if !isDashed { result.append(text) }
            }
        }
        if isDashed { return result + ["--"] + words }
        return result + (trailing.map { ["--"] + $0 } ?? [])
    }
}
