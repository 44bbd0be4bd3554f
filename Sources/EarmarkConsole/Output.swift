import EarmarkOutput
import EarmarkReport
package import Foundation

/// Where results and messages go.
package enum Output {
    /// Prints a result for people to standard output.
    package static func result(_ text: String) throws(CommandError) {
        try write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Prints a result for programs to standard output: one JSON object with `schema` and `fields`.
    package static func json(_ fields: KeyValuePairs<String, any Encodable>) throws(CommandError) {
        try write(try encoded(fields))
    }

    /// The bytes that `json` prints.
    package static func encoded(_ fields: KeyValuePairs<String, any Encodable>) throws(CommandError) -> Data {
        do {
            return try PublishedJSON.encoded(fields)
        } catch {
            // The encoder refuses numbers that are not finite.
            throw CommandError(.internalError, "the result cannot be written as JSON")
        }
    }

    /// Prints an error to standard error: one line, whatever the names in it hold, or where it is a list one for each
    /// of its lines.
    package static func error(_ text: String, isList: Bool = false) {
        let lines = isList ? text.split(separator: "\n").map(String.init) : [text]
        for line in lines { message("earmark: error: \(OutputText.message(line))") }
    }

    /// Prints a message to standard error.
    package static func message(_ text: String) {
        // Nothing is left to do if standard error itself is closed.
        try? FileHandle.standardError.write(contentsOf: Data((printable(text) + "\n").utf8))
    }

    /// `text` without the characters that could steer a terminal; line feeds and tabs stay.
    package static func printable(_ text: String) -> String { OutputText.terminal(text) }

    /// Prints bytes to standard output as they are.
    package static func result(_ data: Data) throws(CommandError) { try write(data) }

    private static func write(_ data: Data) throws(CommandError) {
        guard let reason = StandardStreams.write(data) else { return }
        throw CommandError(.inputOutput, "cannot write the result: \(reason)")
    }
}
