import EarmarkReport
import Foundation

/// What standard output is, and so how results for people may look.
package enum Terminal {
    /// Whether people read standard output as it comes.
    package static var isOn: Bool { isatty(STDOUT_FILENO) == 1 }

    /// `text` with long lines broken if standard output is a terminal, else as it is.
    package static func wrapped(_ text: String) -> String {
        guard isOn else { return text }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return TextWrap.text(text, width: isKnown ? Int(size.ws_col) : usualWidth)
    }

    /// Columns of a terminal that does not tell.
    private static let usualWidth = 80

    /// Whether colours may be used: on a terminal that knows them, unless `NO_COLOR` is set to anything.
    package static var isColoured: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isOn && environment["NO_COLOR", default: ""].isEmpty && environment["TERM", default: "dumb"] != "dumb"
    }
}
