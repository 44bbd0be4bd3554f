import ArgumentParser
import EarmarkConsole
import EarmarkFiles

/// The arguments as they were typed, made ready for the argument parser.
enum Invocation {
    private static let helpNames: Set<String> = ["--help", "-h"]

    /// The arguments with what the parser would get wrong put right.
    ///
    /// Help of a verb with a default becomes that of the default, whose options are what is looked for; a threshold as
    /// a logarithm becomes no option.
    /// - Throws: `CommandError` for a verb that there is not, with the one that may have been meant.
    static func prepared(
        _ arguments: [String], root: any ParsableCommand.Type = Earmark.self
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
                if helpNames.contains(argument) { arguments.insert(standard.names[0], at: index) }
            } else if !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" {
                throw unknown(argument, after: path, subcommands)
            }
            break
        }
        if path == ["settings", "set"] { arguments = arguments.map(withoutSign) }
        return arguments
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
