import ArgumentParser

/// Whether the result is for programs.
package struct JSONFlag: ParsableArguments {
    /// The group in help of what most verbs take.
    package static let groupTitle = "Common options"

    private struct Fields: ParsableArguments {
        @Flag(name: .customLong("json"), help: "Print the result as JSON.")
        var isOn = false
    }

    @OptionGroup(title: JSONFlag.groupTitle) private var fields: Fields

    /// Made by the argument parser.
    package init() {}

    /// Whether it is.
    package var isOn: Bool { fields.isOn }

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
