import EarmarkFiles
import Foundation

/// Inputs that lie on a server.
package enum RemoteInput {
    /// Hosts that may be asked without encryption: this machine.
    private static let ownHosts = ["127.0.0.1", "localhost", "[::1]"]

    /// Whether an input is a URL.
    package static func isOne(_ input: String) -> Bool { input.hasPrefix("https://") || input.hasPrefix("http://") }

    /// Whether a URL may be asked: by https, or of this machine.
    static func isAllowed(_ url: String) -> Bool {
        guard let rest = url.wholeMatch(of: /http:\/\/(.*)/) else { return url.hasPrefix("https://") }
        return ownHosts.contains { rest.1 == $0 || rest.1.hasPrefix("\($0):") || rest.1.hasPrefix("\($0)/") }
    }

    /// How an input is called in lines: of a URL nothing that follows its path, which may let one in.
    package static func shown(_ input: String) -> String {
        guard isOne(input) else { return input }
        let path = input.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = path.range(of: "://"), let at = path[scheme.upperBound...].firstIndex(of: "@"),
            !path[scheme.upperBound..<at].contains("/")
        else { return String(path) }
        return String(path[..<scheme.upperBound]) + path[path.index(after: at)...]
    }

    /// An input below `root`, unless it says itself where it lies.
    static func join(_ root: String?, _ input: String) -> String {
        guard let root, !input.hasPrefix("/"), !isOne(input), input != "-" else { return input }
        return isOne(root) ? root + (root.hasSuffix("/") ? "" : "/") + input : FilePath.join(root, input)
    }
}
