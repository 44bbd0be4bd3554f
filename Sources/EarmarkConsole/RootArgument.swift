package import ArgumentParser
import EarmarkFiles

/// The root of a commitment on the command line: 64 hexadecimal digits, in whatever case.
///
/// One that was copied by half is refused as a mistake: taken for another root it would look like a forgery.
package struct RootArgument: ParsableArguments {
    /// Digits of a SHA-256 in hexadecimal.
    private static let digitCount = 64

    @Option(
        help: ArgumentHelp(
            "The commitment's root as it was published, 64 hexadecimal digits.", valueName: "root"))
    package var root: String?

    /// Made by the argument parser.
    package init() {}

    package mutating func validate() throws {
        guard let root, Hexadecimal.bytes(root.lowercased().utf8) == nil || root.utf8.count != Self.digitCount else {
            return
        }
        let found = root.allSatisfy(\.isHexDigit) ? "these are \(root.count)" : "and nothing else"
        throw ValidationError("--root: a root is \(Self.digitCount) hexadecimal digits; \(found).")
    }
}
