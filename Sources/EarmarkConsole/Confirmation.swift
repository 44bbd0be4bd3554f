import ArgumentParser
import Foundation

/// Asks before what cannot be undone.
package struct Confirmation: ParsableArguments {
    @Flag(name: .customLong("yes"), help: "It is meant: go on where one is asked, or, without a terminal, refused.")
    package var isGiven = false

    /// Made by the argument parser.
    package init() {}

    /// Goes on if `--yes` was given or the user says yes; asks on terminals only.
    ///
    /// - Parameter consequence: what would happen, as a sentence without its full stop.
    package func require(_ consequence: String) throws(CommandError) {
        guard !isGiven else { return }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw CommandError(.invalidInput, "\(consequence); add --yes if that is meant")
        }
        Output.message("\(consequence).\nGo on? Type yes:")
        guard readLine()?.trimmingCharacters(in: .whitespaces).lowercased() == "yes" else {
            throw CommandError(.invalidInput, "nothing was changed")
        }
    }
}
