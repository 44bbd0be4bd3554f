import Glibc

/// Links.
extension FilePath {
    /// Where the link at a path leads, as it is written there; nil if there is no link.
    package static func target(ofLink path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = withCString(path) { readlink($0, &bytes, bytes.count) }
        return count > 0 ? text(bytes[..<count].map { UInt8(bitPattern: $0) }) : nil
    }

    /// Whether a link that leads to a folder lies at a path.
    package static func isLinkToFolder(_ path: String) -> Bool {
        guard let entry = entryStatus(path), entry.st_mode & S_IFMT == S_IFLNK else { return false }
        return isFolder(path)
    }
}
