package import ArgumentParser
import EarmarkFiles
import Foundation

/// What is said of arguments that make no command: what is wrong, what is missing, an example, and where to read on.
package struct UsageError {
    /// What is wrong, one line for each problem.
    package let problems: [String]
    /// What to do about it, one line each.
    package let advice: [String]

    /// - Parameters:
    ///   - message: what the parser, or the command itself, says.
    ///   - arguments: what was typed.
    ///   - root: the program's command.
    package init(_ message: String, of arguments: [String], root: any ParsableCommand.Type) {
        // What is listed without a verb has one by then.
        let prepared = (try? Invocation.prepared(arguments, root: root)) ?? arguments
        let route = CommandRoute(prepared, root: root)
        let command = route.command.configuration.defaultSubcommand ?? route.command
        let isLeaf = command.configuration.subcommands.isEmpty
        guard isLeaf, let options = try? CommandOptions(of: command) else {
            problems = [message]
            advice = ["See '\(route.shown) --help'."]
            return
        }
        let reading = ArgumentReading(route.leading + route.rest, options)
        problems = Self.problems(message, reading, options)
        let example = Self.example(in: command.configuration.discussion, of: route.shown, like: reading.names)
        let words = options.positionals.map(\.synopsis).joined(separator: " ")
        let what = words.isEmpty ? "nothing but options" : words
        let takes = "'\(route.shown)' takes \(what); what holds blanks stands in quotes."
        advice = [
            message.contains("nexpected argument") ? takes : nil, example.map { "Example: \($0)" },
            "See '\(route.shown) --help'.",
        ].compactMap { $0 }
    }

    // MARK: What is wrong

    private static func problems(
        _ message: String, _ reading: ArgumentReading, _ options: CommandOptions
    ) -> [String] {
        if let (option, next) = reading.withoutValue {
            return ["Missing value for '\(option)'; one that begins with '-' is joined to it: \(option)=\(next)"]
        }
        // The parser looks at what is missing first, and then asks for what was given under a misspelt name.
        if let unknown = unknown(reading, options) { return [unknown] }
        if message.hasPrefix("Missing expected argument") {
            let missing = missing(reading, options)
            // A word too many is what the option was meant to have.
            let words = reading.words.dropFirst(options.positionals.count)
            if missing.count == 1, words.count == 1, let name = missing[0].preferredName?.text {
                return ["Missing expected argument '\(missing[0].synopsis)'; write \(name) '\(words.joined())'"]
            }
            if !missing.isEmpty {
                return missing.map { "Missing expected argument '\($0.synopsis)'\(Self.meaning(of: $0))" }
            }
        }
        return withExamples(message).split(separator: "\n").map(String.init)
    }

    private static func unknown(_ reading: ArgumentReading, _ options: CommandOptions) -> String? {
        let first = reading.pieces.lazy.compactMap { if case .unknown(let name) = $0 { name } else { nil } }.first
        guard let name = first else { return nil }
        let other = CommandWords.options[name]?.first { options.shown.contains($0) }
        let near = other ?? (name.hasPrefix("--") ? Nearest.match(name, in: options.shown) : nil)
        return "Unknown option '\(name)'." + (near.map { " Did you mean '\($0)'?" } ?? "")
    }

    private static func missing(_ reading: ArgumentReading, _ options: CommandOptions) -> [CommandOptions.Argument] {
        let given = Set(reading.names)
        let named = options.arguments.filter { argument in
            argument.kind == "option" && argument.isNeeded
                && !(argument.names ?? []).contains { given.contains($0.text) }
        }
        let words = options.positionals.filter(\.isNeeded).dropFirst(reading.words.count)
        return words + named
    }

    /// What help says of an argument, as the end of a sentence.
    private static func meaning(of argument: CommandOptions.Argument) -> String {
        guard var text = argument.abstract, !text.isEmpty else { return "" }
        if text.hasSuffix(".") { text.removeLast() }
        return ": " + text
    }

    /// What values look like, by the name of the value in help.
    private static let values = [
        TimeArgument.valueName: "a time as \(TimeArgument.examples)", "duration": "a duration as 2h, 90m, 1h30m or 45s",
        "when": "12:30 or 45m into the meeting, -5m before it, or a time as \(TimeArgument.examples)",
        "seconds": "seconds as a number, such as 90 or 754.2",
        "offset": "how far into the meeting, up to two days: 754.2, 12:34.2, 1:02:30 or 45m; -5m is before it",
    ]

    /// The parser's message, with what a value looks like where one was refused.
    private static func withExamples(_ message: String) -> String {
        guard message.contains("is invalid for") else { return message }
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        if message.contains("<\(TimeArgument.valueName)>'") || message.contains("<when>'"),
            let typed = message.firstMatch(of: /[Tt]he value '([^']*)' is invalid for/),
            let reason = LocalTime.changeOfClocks(String(typed.1), now: now)
        {
            return message + "\n" + reason
        }
        let example = values.first { message.contains("<\($0.key)>'") }
        return message + (example.map { "\nWrite \($0.value)." } ?? "")
    }

    // MARK: Examples

    /// The example of help that has most of the options which were typed; the first of several.
    private static func example(in discussion: String, of shown: String, like names: [String]) -> String? {
        var lines: [String] = []
        var isOpen = false
        for line in discussion.split(separator: "\n") {
            let text = line.drop { $0 == " " }
            guard isOpen || line.hasPrefix("  ") else { continue }
            if isOpen { lines[lines.count - 1] += text } else { lines.append(String(text)) }
            isOpen = text.hasSuffix("\\")
            if isOpen { lines[lines.count - 1].removeLast() }
        }
        // A default goes by its parent's name there.
        let parent = shown.split(separator: " ").dropLast().joined(separator: " ")
        let own = [shown, parent].lazy.map { name in lines.filter { $0.contains(name + " ") } }.first { !$0.isEmpty }
        func likeness(_ line: String) -> Int {
            let words = Set(line.split(separator: " ").map(String.init))
            return names.count { words.contains($0) }
        }
        let best = own?.map(likeness).max()
        return own?.first { likeness($0) == best }
    }
}
