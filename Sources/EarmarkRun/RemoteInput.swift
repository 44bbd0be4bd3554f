import EarmarkFiles
import Foundation

/// Inputs that lie on a server.
///
/// All of it goes by bytes: what combines with a quote or a question mark makes another Swift character of it, which
/// neither servers nor `curl` see as one.
package enum RemoteInput {
    /// Hosts that may be asked without encryption: this machine.
    private static let ownHosts = ["127.0.0.1", "localhost", "[::1]"]
    private static let secure = Array("https://".utf8)
    private static let plain = Array("http://".utf8)
    /// Digits of the largest port.
    private static let mostPortDigits = 5

    /// Whether an input is a URL.
    package static func isOne(_ input: String) -> Bool {
        input.utf8.starts(with: secure) || input.utf8.starts(with: plain)
    }

    /// Why a URL is never asked, in half a sentence that follows its name; nil if it may be.
    package static func problem(_ url: String) -> String? {
        let isWritten = url.utf8.allSatisfy { byte in
            (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        guard isWritten else { return "holds what no URL holds: write blanks, quotes and letters with accents as %HH" }
        let authority = authority(url)
        guard !authority.isEmpty else { return "names no server" }
        guard !url.utf8.starts(with: secure) else { return nil }
        guard !authority.contains(UInt8(ascii: "@")) else {
            return "has a name or password before the @, which no http takes: leave that out, or use https"
        }
        return isOwn(authority) ? nil : "is not encrypted: only https is fetched, and http of this machine"
    }

    /// Whether an authority is this machine, with a port at most.
    private static func isOwn(_ authority: ArraySlice<UInt8>) -> Bool {
        ownHosts.contains { host in
            guard authority.starts(with: host.utf8) else { return false }
            let rest = authority.dropFirst(host.utf8.count)
            guard let colon = rest.first else { return true }
            let port = rest.dropFirst()
            return colon == UInt8(ascii: ":") && (1...mostPortDigits).contains(port.count)
                && port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    /// The server of a URL with its port, without what lets one in.
    static func server(_ url: String) -> String {
        String(decoding: host(authority(url)), as: UTF8.self)
    }

    /// Scheme, server and port of a URL, by which servers are told apart.
    static func origin(_ url: String) -> String {
        let isSecure = url.utf8.starts(with: secure)
        let server = server(url).lowercased()
        let digits = server.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let hasPort = server.utf8.dropLast(digits.count).last == UInt8(ascii: ":")
        return (isSecure ? "https://" : "http://") + server + (hasPort ? "" : isSecure ? ":443" : ":80")
    }

    /// An authority without name and password.
    private static func host(_ authority: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
    }

    /// What stands between scheme and path.
    private static func authority(_ url: String) -> ArraySlice<UInt8> {
        let bytes = Array(url.utf8)
        let scheme = bytes.starts(with: secure) ? secure.count : plain.count
        return bytes[scheme...].prefix { !"/?#".utf8.contains($0) }
    }

    /// How an input is called in lines: of a URL nothing that follows its path, and no password: both may let one in.
    package static func shown(_ input: String) -> String {
        guard isOne(input) else { return input }
        let authority = authority(input)
        let scheme = input.utf8.prefix(authority.startIndex)
        let path = input.utf8.dropFirst(authority.endIndex).prefix { !"?#".utf8.contains($0) }
        return String(decoding: Array(scheme) + host(authority) + Array(path), as: UTF8.self)
    }

    /// An input below `root`, a folder or URL, unless it says itself where it lies; nil if it leads out of it.
    static func join(_ root: String?, _ input: String) -> String? {
        guard let root, input.utf8.first != UInt8(ascii: "/"), !isOne(input), input != "-" else { return input }
        var parts = FilePath.bytes(input).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        // Lists of files begin their names so; all else is the key of an object, byte for byte.
        while parts.count > 1, parts.first?.elementsEqual(".".utf8) ?? false { parts.removeFirst() }
        let isNamed = parts.contains { !$0.isEmpty && !$0.elementsEqual(".".utf8) }
        guard isNamed, !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
        guard isOne(root) else { return FilePath.join(root, input) }
        // What a root is asked with, such as a signature that lets one in, comes behind the path.
        let whole = root.utf8.prefix { $0 != UInt8(ascii: "#") }
        let place = whole.prefix { $0 != UInt8(ascii: "?") }
        let path = (place.last == UInt8(ascii: "/") ? "" : "/") + parts.map(encoded).joined(separator: "/")
        return String(decoding: Array(place) + Array(path.utf8) + Array(whole.dropFirst(place.count)), as: UTF8.self)
    }

    /// A part of a path as a URL has it: all but unreserved bytes as %HH (RFC 3986).
    private static func encoded(_ part: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF")
        return part.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text += String(Unicode.Scalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
