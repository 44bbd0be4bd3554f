package import ArgumentParser
import EarmarkFiles

/// The arguments as they were typed, made ready for the argument parser.
package enum Invocation {
    private static let helpNames: Set<String> = ["--help", "-h"]

    /// The arguments with what the parser would get wrong put right.
    ///
    /// Options that stand before the verb go behind it, other words for verbs become the verbs' names, values that
    /// begin with a dash are joined to their options, and what is listed needs no verb. Help of a verb with a default
    /// becomes that of the default, whose options are what is looked for.
    /// - Throws: `CommandError` for a verb that there is not, with the one that may have been meant.
    package static func prepared(
        _ arguments: [String], root: any ParsableCommand.Type
    ) throws(CommandError) -> [String] {
        if arguments == ["version"] { return ["--version"] }
        let arguments = withHelpLast(arguments)
        let route = CommandRoute(arguments, root: root)
        let rest = Array(route.rest)
        let configuration = route.command.configuration
        guard !configuration.subcommands.isEmpty else { return plain(route, rest, of: route.command) }
        let word = rest.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
        if let standard = configuration.defaultSubcommand {
            if let word, FilePath.status(word) == nil, nearest(word, in: route.command) != nil {
                throw unknown(word, in: route, root)
            }
            let isHelp = rest.first.map(helpNames.contains) ?? false
            return isHelp ? route.path + [standard.names[0]] + rest : plain(route, rest, of: standard)
        }
        if let word { throw unknown(word, in: route, root) }
        let isParsers = rest.first.map(CommandOptions.isParsers) ?? false
        guard !isParsers else { return route.path + rest }
        let list = ["list", "get"].lazy.compactMap { route.command.subcommand(named: $0) }.first
        if let list, takes(list, rest), !rest.isEmpty || route.isPlural {
            return plain(route, rest, of: list, named: [list.names[0]])
        }
        guard rest.isEmpty else { throw withoutVerb(route, rest, root) }
        return route.path
    }

    /// `help VERB` and `VERB help` as `VERB --help`.
    private static func withHelpLast(_ arguments: [String]) -> [String] {
        guard arguments.count > 1, let place = arguments.prefix(2).firstIndex(of: "help") else { return arguments }
        let others = arguments[..<place] + arguments[(place + 1)...]
        return place == 0 || others.count > 1 || !others[0].hasPrefix("-") ? others + ["--help"] : arguments
    }

    /// The arguments of a command that is known.
    private static func plain(
        _ route: CommandRoute, _ rest: [String], of command: any ParsableCommand.Type, named names: [String] = []
    ) -> [String] {
        let own = route.leading + rest
        // Most arguments have nothing that must be looked at.
        let isDoubtful = zip([""] + own, own).contains { before, argument in
            let isShort = argument.hasPrefix("-") && !argument.hasPrefix("--") && argument != "-"
            return ArgumentReading.isText(argument) || isShort && (argument.count > 2 || before.hasPrefix("-"))
                || wordNames.keys.contains(String(argument.prefix { $0 != "=" }))
        }
        guard isDoubtful, let options = try? CommandOptions(of: command) else { return route.path + names + own }
        let words = withoutNames(own, options)
        return route.path + names + (ArgumentReading(words, options).plain ?? words)
    }

    /// Options that stand for a word where a command takes that by its place, by the word's name in help.
    private static let wordNames = [
        "-m": "meeting", "--meeting": "meeting", "--client": "client", "--analysis": "analysis", "--bundle": "bundle",
        "--note": "note", "--name": "name", "--days": "days",
    ]

    /// The arguments with `--meeting Board` as the word `Board` where the command takes the meeting by its place.
    private static func withoutNames(_ arguments: [String], _ options: CommandOptions) -> [String] {
        let words = Set(options.positionals.map { $0.valueName ?? "" })
        let isName = { (argument: String) in
            let name = String(argument.prefix { $0 != "=" })
            return options.takesValue(name) == nil && wordNames[name].map(words.contains) ?? false
        }
        return arguments.filter { !isName($0) || $0.contains("=") }.map { argument in
            isName(argument) ? String(argument.drop { $0 != "=" }.dropFirst()) : argument
        }
    }

    /// The verb that `arguments` name, such as `meeting create`: words of the program's own alone.
    package static func verb(in arguments: some Collection<String>, root: any ParsableCommand.Type) -> String {
        CommandRoute(arguments, root: root).path.joined(separator: " ")
    }

    /// The values that `arguments` have for an option, whatever command they name.
    package static func values(of option: String, in arguments: some Collection<String>) -> [String] {
        zip(arguments, arguments.dropFirst()).filter { $0.0 == option }.map { $0.1 }
            + arguments.filter { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
    }

    /// Refuses values of `options` that were typed in another encoding than UTF-8: they would be kept mutilated.
    package static func requireText(
        of options: Set<String>, in arguments: some Collection<String>
    ) throws(CommandError) {
        for option in options.sorted()
        where values(of: option, in: arguments).contains(where: { $0.contains("\u{FFFD}") }) {
            throw CommandError(
                .usage, "the value of \(option) is no UTF-8: type it in a terminal of UTF-8 ('locale charmap' tells)")
        }
    }

    // MARK: What may have been meant

    /// Choices that are shown at most.
    private static let mostChoices = 8

    private static func unknown(
        _ word: String, in route: CommandRoute, _ root: any ParsableCommand.Type
    ) -> CommandError {
        let choices = meant(by: word, in: route, root)
        let list = choices.prefix(mostChoices).map { "'earmark \($0)'" }
        let all = list.count < 2 ? list.first : list.dropLast().joined(separator: ", ") + " or " + (list.last ?? "")
        let advice = all.map { "did you mean \($0)?" } ?? "see '\(route.shown) --help'"
        return CommandError(.usage, "there is no command '\(route.shown) \(word)'; \(advice)")
    }

    /// Commands that a word may have meant, likeliest first: by other programs' words, elsewhere, by a slip.
    private static func meant(
        by word: String, in route: CommandRoute, _ root: any ParsableCommand.Type
    ) -> [String] {
        let word = word.lowercased()
        let own = route.command.configuration.subcommands.flatMap { $0.names }
        func within(_ name: String) -> String { (route.path + [name]).joined(separator: " ") }
        if own.contains(word) { return [within(word)] }
        if !route.path.isEmpty {
            let related = (CommandWords.relatedWithin[word] ?? []).filter(own.contains)
            if !related.isEmpty { return related.map(within) }
        }
        if route.command.configuration.defaultSubcommand == nil {
            if route.path.isEmpty, let related = CommandWords.related[word] { return related }
            for names in [[word], CommandWords.synonyms[word] ?? []] {
                let elsewhere = root.paths(named: names)
                if !elsewhere.isEmpty { return elsewhere }
            }
        }
        if let near = nearest(word, in: route.command) { return [within(near)] }
        return CommandWords.related[word] ?? []
    }

    private static func nearest(_ word: String, in command: any ParsableCommand.Type) -> String? {
        let shown = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        return Nearest.match(word, in: shown.flatMap { $0.names })
    }

    /// Whether a command has all options of `rest`.
    private static func takes(_ command: any ParsableCommand.Type, _ rest: [String]) -> Bool {
        guard let options = try? CommandOptions(of: command) else { return false }
        return ArgumentReading(rest, options).names.allSatisfy { options.takesValue($0) != nil }
    }

    /// Options where a verb belongs.
    private static func withoutVerb(
        _ route: CommandRoute, _ rest: [String], _ root: any ParsableCommand.Type
    ) -> CommandError {
        let name = String(rest[0].prefix { $0 != "=" })
        if let known = try? CommandOptions(of: root, withSubcommands: true), known.takesValue(name) == nil {
            let near = Nearest.match(name, in: known.shown).map { "did you mean '\($0)'?" }
            return CommandError(.usage, "no command has an option '\(name)'; \(near ?? "see 'earmark --help'")")
        }
        let verbs = route.command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        let fitting = verbs.filter { $0.configuration.subcommands.isEmpty && takes($0, rest) }.map { $0.names[0] }
        let names = fitting.isEmpty || fitting.count > mostChoices ? verbs.map { $0.names[0] } : fitting
        let isMany = route.path.isEmpty || names.count > mostChoices
        let which = isMany ? "'\(route.shown) --help' lists them" : names.joined(separator: ", ")
        return CommandError(.usage, "'\(route.shown)' needs a verb before '\(rest[0])': \(which)")
    }
}
