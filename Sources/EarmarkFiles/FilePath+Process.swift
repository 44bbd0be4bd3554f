import Glibc

extension FilePath {
    /// This process's arguments: those that may name files as paths are kept, see `FilePath`, the rest as they are.
    ///
    /// - Parameter textOptions: options whose values name no file, such as `--note`.
    package static func arguments(textOptions: Set<String>) -> [String] {
        var arguments: [String] = []
        var isText = false
        for index in 0..<Int(CommandLine.argc) {
            guard let pointer = CommandLine.unsafeArgv[index] else { continue }
            let bytes = bytes(at: pointer)
            let asItIs = String(decoding: bytes, as: UTF8.self)
            let option = asItIs.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
            arguments.append(isText || textOptions.contains(option) ? asItIs : text(bytes))
            isText = textOptions.contains(asItIs)
        }
        return arguments
    }

    /// The path in an environment variable; nil if it is unset.
    package static func variable(_ name: String) -> String? { getenv(name).map { text(bytes(at: $0)) } }

    /// Gives the file at `path` the name `other`, in place of what was there; 0, or minus one with `errno`.
    package static func rename(_ path: String, to other: String) -> Int32 {
        withCString(path) { old in withCString(other) { Glibc.rename(old, $0) } }
    }

    /// The name under which SQLite opens the database at `path`, be it no UTF-8 or what SQLite takes for more than a
    /// name.
    package static func databaseName(_ path: String) -> String {
        let bytes = bytes(path)
        guard bytes != Array(path.utf8) else {
            return path.hasPrefix(":") || path.hasPrefix("file:") ? "./" + path : path
        }
        let digits = Array("0123456789ABCDEF")
        return bytes.reduce(into: "file:") { name, byte in
            let isPlain =
                Unicode.Scalar(byte).properties.isASCIIHexDigit || "/._-ghijklmnopqrstuvwxyz".utf8.contains(byte)
            name += isPlain ? String(Unicode.Scalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
}
