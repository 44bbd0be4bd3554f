import ArgumentParser
import EarmarkFiles

/// Where arguments lead: the command that they call, and what is left for it.
struct CommandRoute {
    /// The command, which has verbs below it where none was named.
    private(set) var command: any ParsableCommand.Type
    /// How help calls the command, without `earmark`.
    private(set) var path: [String] = []
    /// Options that stood before a verb, with their values.
    private(set) var leading: [String] = []
    /// What stands behind the verbs.
    private(set) var rest: ArraySlice<String>
    /// Whether the last word asks for a list: it is a plural.
    private(set) var isPlural = false

    /// Follows `arguments` from `root`; options before a verb are passed over.
    init(_ arguments: some Collection<String>, root: any ParsableCommand.Type) {
        command = root
        rest = Array(arguments)[...]
        while !command.configuration.subcommands.isEmpty {
            var ahead = rest
            let passed = Self.options(&ahead, of: command)
            guard let word = ahead.first, let found = command.subcommand(named: word) else { break }
            leading += passed
            rest = ahead.dropFirst()
            command = found
            path.append(found.names[0])
            isPlural = word.hasSuffix("s") || found.subcommand(named: "list")?.names[0] == "get"
        }
    }

    /// Options that stand before a verb, which those below `command` know.
    private static func options(_ rest: inout ArraySlice<String>, of command: any ParsableCommand.Type) -> [String] {
        guard let first = rest.first, first.hasPrefix("-"), !CommandOptions.isParsers(first),
            let known = try? CommandOptions(of: command, withSubcommands: true)
        else { return [] }
        var found: [String] = []
        while let next = rest.first, next.hasPrefix("-"), next != "--" {
            let name = String(next.prefix { $0 != "=" })
            guard var takesValue = known.takesValue(name), !CommandOptions.isParsers(name) else { break }
            // What some commands take as a flag has no value if a verb follows.
            if known.isAmbiguous(name) {
                takesValue = rest.dropFirst().first.map { command.subcommand(named: $0) == nil } ?? false
            }
            let count = takesValue && name == next ? 2 : 1
            found += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return found
    }

    /// As people type it: `earmark meeting create`.
    var shown: String { (["earmark"] + path).joined(separator: " ") }
}

extension ParsableCommand {
    /// How the command is called: its name, then its aliases.
    static var names: [String] {
        [configuration.commandName ?? String(describing: self).lowercased()] + configuration.aliases
    }

    /// The command below this one that `name` calls, by a name of its own or by another word for it.
    ///
    /// Other words do not count where a command is not needed and a file is called like that.
    static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        let all = configuration.subcommands
        if let exact = all.first(where: { $0.names.contains(name) }) { return exact }
        guard configuration.defaultSubcommand == nil || FilePath.status(name) == nil else { return nil }
        for other in CommandWords.synonyms[name] ?? [] {
            if let found = all.first(where: { $0.names[0] == other }) { return found }
        }
        return nil
    }

    /// Every command below this one that `names` call, by its path.
    static func paths(named names: [String]) -> [String] {
        configuration.subcommands.filter { $0.configuration.shouldDisplay }.flatMap { command in
            (names.contains(where: command.names.contains) ? [command.names[0]] : [])
                + command.paths(named: names).map { "\(command.names[0]) \($0)" }
        }
    }
}
