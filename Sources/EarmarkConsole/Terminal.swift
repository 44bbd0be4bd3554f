import Foundation

/// What standard output is, and so how results for people may look.
package enum Terminal {
    /// Whether people read standard output as it comes.
    package static var isOn: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether colours may be used: on a terminal that knows them, unless `NO_COLOR` is set to anything.
    package static var isColoured: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isOn && environment["NO_COLOR", default: ""].isEmpty && environment["TERM", default: "dumb"] != "dumb"
    }
}
