import Glibc

/// Patterns of the shell's.
extension FilePath {
    /// What a pattern could not look at.
    package struct Unread: Equatable, Sendable {
        /// The folder.
        package let folder: String
        /// Why.
        package let reason: String

        /// Bundles the parts.
        package init(folder: String, reason: String) {
            self.folder = folder
            self.reason = reason
        }
    }

    /// `fnmatch`'s `FNM_PERIOD`: a dot that begins a name is matched by a dot only.
    private static let dotsAreHidden: Int32 = 1 << 2

    /// What a pattern matches.
    package struct Matches: Sendable {
        /// Paths, sorted by their bytes.
        package fileprivate(set) var paths: [String]
        /// Folders on its way that cannot be read.
        package fileprivate(set) var unread: [Unread] = []
        /// Links to folders that it matches, and that are not followed.
        package fileprivate(set) var links: [String] = []
    }

    /// What a pattern matches; `glob` passes over folders that cannot be read, or ends at the first.
    ///
    /// Links to folders are followed where they are named, not where the pattern finds them: whoever hands in a folder
    /// would have all of the machine read.
    package static func matches(_ pattern: String) -> Matches {
        let parts = pattern.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        var matches = Matches(paths: [pattern.utf8.first == UInt8(ascii: "/") ? "/" : ""])
        var isFound = false
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1 && pattern.utf8.last != UInt8(ascii: "/")
            let folders = matches.paths
            isFound = isFound || isPattern(part)
            matches.paths = folders.flatMap { step(from: $0, by: part, isLast: isLast, &matches.unread) }
            guard isFound else { continue }
            matches.links += matches.paths.filter(isLinkToFolder)
            matches.paths.removeAll(where: isLinkToFolder)
        }
        matches.paths = parts.isEmpty ? [] : matches.paths.sorted(by: precedes)
        return matches
    }

    private static func isPattern(_ part: String) -> Bool { part.utf8.contains { "*?[\\".utf8.contains($0) } }

    /// What in `folder` a part of a pattern matches: anything if it is the last part, folders if not.
    private static func step(from folder: String, by part: String, isLast: Bool, _ unread: inout [Unread]) -> [String] {
        guard isPattern(part) else {
            return exists(join(folder, part), isLast: isLast, &unread) ? [join(folder, part)] : []
        }
        let names: [String]
        do {
            names = try entries(folder.isEmpty ? "." : folder)
        } catch {
            unread.append(Unread(folder: folder.isEmpty ? "." : folder, reason: error.message))
            return []
        }
        return names.filter { fits($0, part, flags: dotsAreHidden) }.map { join(folder, $0) }.filter {
            isLast || exists($0, isLast: false, &unread)
        }
    }

    /// Whether an entry is there, and a folder unless it is the last part of a pattern; what hides it is told.
    private static func exists(_ path: String, isLast: Bool, _ unread: inout [Unread]) -> Bool {
        guard let status = isLast ? entryStatus(path) : status(path) else {
            let (reason, parent) = (errno, parent(path))
            if reason != ENOENT && reason != ENOTDIR {
                unread.append(
                    Unread(folder: parent.isEmpty ? "." : parent, reason: String(cString: strerror(reason))))
            }
            return false
        }
        return isLast || status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether `name` matches a pattern of the shell's; `flags` as for `fnmatch`.
    package static func fits(_ name: String, _ pattern: String, flags: Int32 = 0) -> Bool {
        withCString(pattern) { pattern in withCString(name) { fnmatch(pattern, $0, flags) == 0 } }
    }

    /// A pattern that `path` alone matches.
    package static func patternOf(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if "*?[\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
