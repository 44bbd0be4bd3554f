import ArgumentParser

/// Whether the result is for programs.
package struct JSONFlag: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the result as JSON.")
    package var isOn = false

    /// Made by the argument parser.
    package init() {}

    /// Prints the result in the form asked for.
    package func print(
        _ fields: KeyValuePairs<String, any Encodable>, human text: @autoclosure () -> String
    ) throws(CommandError) {
        if isOn {
            try Output.json(fields)
        } else {
            try Output.result(text())
        }
    }
}
