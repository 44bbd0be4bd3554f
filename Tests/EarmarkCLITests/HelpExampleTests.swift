import ArgumentParser
import EarmarkCLI
import EarmarkConsole
import Testing

/// The examples of every help text can be pasted as they stand on a terminal of 80 columns.
@Suite struct HelpExampleTests {
    /// What a terminal of 80 columns shows on a line of its own, whatever stands around it.
    private static let mostColumns = 78

    /// Every command with its path, below and with `command`.
    private static func commands(
        _ command: any ParsableCommand.Type, _ path: String = "earmark"
    ) -> [(path: String, type: any ParsableCommand.Type)] {
        [(path, command)]
            + command.configuration.subcommands.flatMap { commands($0, "\(path) \($0._commandName)") }
    }

    /// Lines of examples: those that are indented.
    private static func examples(_ command: any ParsableCommand.Type) -> [String] {
        command.configuration.discussion.split(separator: "\n").filter { $0.hasPrefix("  ") }.map(String.init)
    }

    /// Words of each `earmark` in a line, as a shell would take them; what pipes and redirections lead to is left out.
    private static func calls(_ line: String) -> [[String]] {
        var calls: [[String]] = [[]]
        var (word, quote, isWord): (String, Character?, Bool) = ("", nil, false)
        func close() {
            if isWord { calls[calls.count - 1].append(word) }
            (word, isWord) = ("", false)
        }
        var isRedirected = false
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
                continue
            }
            switch character {
            case "\"", "'": (quote, isWord) = (character, true)
            case " ": close()
            case "|", "&", ";", "(", ")":
                close()
                isRedirected = false
                calls.append([])
            case ">", "<", "#":
                close()
                if !isRedirected { calls.append(["into"]) }
                isRedirected = true
            default:
                word.append(character)
                isWord = true
            }
        }
        close()
        return calls.filter { $0.first == "earmark" }.map { Array($0.dropFirst()) }
    }

    @Test func examplesFitAndAreAccepted() throws {
        var count = 0
        for (path, command) in Self.commands(Earmark.self) {
            var pending = ""
            for line in Self.examples(command) {
                #expect(line.count <= Self.mostColumns, "\(path): \(line)")
                guard !line.hasSuffix("\\") else {
                    pending += line.dropLast()
                    continue
                }
                let whole = pending + line
                pending = ""
                for words in Self.calls(whole) {
                    count += 1
                    #expect(throws: Never.self, "\(path): \(whole)") {
                        _ = try Earmark.parseAsRoot(try Invocation.prepared(words, root: Earmark.self))
                    }
                }
            }
            #expect(pending.isEmpty, "\(path) ends within an example")
        }
        #expect(count > 150, "the examples are not where they are looked for: \(count)")
    }
}
