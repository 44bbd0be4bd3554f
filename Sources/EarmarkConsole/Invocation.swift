package import ArgumentParser
import EarmarkFiles
import Foundation

/// The arguments as they were typed, made ready for the argument parser.
package enum Invocation {
    private static let helpNames: Set<String> = ["--help", "-h"]

    /// The arguments with what the parser would get wrong put right.
    ///
    /// Help of a verb with a default becomes that of the default, whose options are what is looked for; a threshold as
    /// a logarithm becomes no option.
    /// - Throws: `CommandError` for a verb that there is not, with the one that may have been meant.
    package static func prepared(
        _ arguments: [String], root: any ParsableCommand.Type
    ) throws(CommandError) -> [String] {
        var arguments = arguments
        if arguments.first == "help", arguments.count > 1 {
            arguments = Array(arguments.dropFirst()) + ["--help"]
        }
        var command = root
        var path: [String] = []
        for (index, argument) in arguments.enumerated() {
            let subcommands = command.configuration.subcommands
            if let found = subcommands.first(where: { $0.names.contains(argument) }) {
                command = found
                path.append(found.names[0])
                continue
            }
            if let standard = command.configuration.defaultSubcommand {
                if !argument.hasPrefix("-"), FilePath.status(argument) == nil,
                    Nearest.match(argument, in: subcommands.flatMap { $0.names }) != nil
                {
                    throw unknown(argument, after: path, subcommands)
                }
                if helpNames.contains(argument) { arguments.insert(standard.names[0], at: index) }
            } else if !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" {
                throw unknown(argument, after: path, subcommands)
            }
            break
        }
        if path == ["settings", "set"] { arguments = arguments.map(withoutSign) }
        return arguments
    }

    /// The verb that `arguments` name, such as `meeting create`: words of the program's own alone.
    package static func verb(in arguments: some Collection<String>, root: any ParsableCommand.Type) -> String {
        var command = root
        var names: [String] = []
        for argument in arguments {
            guard let found = command.subcommand(named: argument) else { break }
            command = found
            names.append(found.names[0])
        }
        return names.joined(separator: " ")
    }

    /// The values that `arguments` have for an option, whatever command they name.
    package static func values(of option: String, in arguments: some Collection<String>) -> [String] {
        zip(arguments, arguments.dropFirst()).filter { $0.0 == option }.map { $0.1 }
            + arguments.filter { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
    }

    /// What is wrong with the first option that the command which is called does not have; nil if it has all of them.
    ///
    /// For arguments that were refused: the parser looks at what is missing first, and then asks for what was given
    /// under a misspelt name.
    package static func unknownOption(in arguments: [String], root: any ParsableCommand.Type) -> String? {
        var command = root
        var rest = arguments[...]
        while let next = rest.first, let found = command.subcommand(named: next) {
            command = found
            rest.removeFirst()
        }
        if let standard = command.configuration.defaultSubcommand { command = standard }
        guard let options = try? OptionNames(of: command) else { return nil }
        while let argument = rest.popFirst(), argument != "--" {
            guard argument.hasPrefix("-"), argument.count > 1, Double(argument) == nil else { continue }
            let isLong = argument.hasPrefix("--")
            let name = isLong ? String(argument.prefix { $0 != "=" }) : String(argument.prefix(2))
            guard let takesValue = options.takesValue[name] else {
                let near = isLong ? Nearest.match(name, in: options.shown) : nil
                return "Unknown option '\(name)'." + (near.map { " Did you mean '\($0)'?" } ?? "")
            }
            if takesValue, argument == name { _ = rest.popFirst() }
        }
        return nil
    }

    private static func unknown(
        _ argument: String, after path: [String], _ subcommands: [any ParsableCommand.Type]
    ) -> CommandError {
        let shown = (["earmark"] + path).joined(separator: " ")
        let names = subcommands.filter { $0.configuration.shouldDisplay }.flatMap { $0.names }
        let meant = Nearest.match(argument, in: names).map { "; did you mean '\(shown) \($0)'?" }
        return CommandError(
            .usage, "there is no command '\(shown) \(argument)'\(meant ?? "; see '\(shown) --help'")")
    }

    /// A negative number, which the parser takes for an option, with a blank in front, which it does not.
    private static func withoutSign(_ argument: String) -> String {
        argument.hasPrefix("-") && Double(argument) != nil ? " " + argument : argument
    }
}

extension ParsableCommand {
    /// How the command is called: its name, then its aliases.
    fileprivate static var names: [String] {
        [configuration.commandName ?? String(describing: self).lowercased()] + configuration.aliases
    }
}

extension ParsableCommand {
    fileprivate static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0.names.contains(name) }
    }
}

/// The options of a command, as the argument parser describes them to other programs.
private struct OptionNames {
    /// Whether an option, with its dashes, takes a value.
    var takesValue: [String: Bool]
    /// Those that help shows.
    var shown: [String]

    private struct Description: Decodable {
        struct Command: Decodable {
            let arguments: [Argument]?
        }

        struct Argument: Decodable {
            let kind: String
            let shouldDisplay: Bool?
            let names: [Name]?
        }

        struct Name: Decodable {
            let kind: String
            let name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        let command: Command
    }

    /// What every command takes beside its own.
    private static let common = [
        "--help", "-h", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    init(of command: any ParsableCommand.Type) throws {
        let description = try JSONDecoder().decode(Description.self, from: Data(command._dumpHelp().utf8))
        takesValue = Dictionary(uniqueKeysWithValues: Self.common.map { ($0, false) })
        shown = []
        for argument in description.command.arguments ?? [] {
            for name in argument.names ?? [] {
                takesValue[name.text] = argument.kind == "option"
                if argument.shouldDisplay ?? true { shown.append(name.text) }
            }
        }
    }
}
