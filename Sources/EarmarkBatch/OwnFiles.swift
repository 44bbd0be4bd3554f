import EarmarkFiles
package import EarmarkStore

/// The files that a batch writes, and those of its store: they are never taken from folders, nor by patterns.
///
/// Each is meant by its whole name in its own folder: whoever hands in files chooses names, and no name like one of
/// these keeps another file from being analysed.
package struct OwnFiles: Sendable {
    /// Folders by their canonical paths, and what in them is own.
    private var names: [PathKey: Set<PathKey>] = [:]
    /// The result file of the batch, if it may have parts.
    private var results: String?
    /// Numbers of parts that the batch may be of.
    private var counts: Set<Int> = []

    /// None but these.
    package init(_ paths: [String] = []) {
        for path in paths {
            // The name itself, and what it leads to where it is a link.
            for path in [OwnFiles.place(path), FilePath.canonical(path)] {
                names[PathKey(FilePath.parent(path)), default: []].insert(PathKey(FilePath.lastPart(path)))
            }
        }
    }

    /// Those of a batch that writes to `results`, in parts as `shard` or a scheduler's variables tell, and figures to
    /// `metrics`.
    package init(
        store: StoreLocation, results: String, metrics: String?, shard: Shard?, environment: [String: String]
    ) {
        self.init(store.files + [results, PartList.path(besides: results)] + [metrics].compactMap(\.self))
        self.results = OwnFiles.place(results)
        counts = Set(shard.map { [$0.count] } ?? Shard.counts(in: environment, out: results))
    }

    /// Whether `name` in `folder`, a canonical path, is one of them.
    func contains(_ name: String, in folder: String) -> Bool {
        // What replaces a file stands beside it for a moment, or for good where its writer was killed.
        let name = OwnFiles.replaced(by: name) ?? name
        if names[PathKey(folder)]?.contains(PathKey(name)) ?? false { return true }
        guard let results, PathKey(FilePath.parent(results)) == PathKey(folder) else { return false }
        let path = PathKey(FilePath.join(folder, name))
        return ShardFiles.shards(of: name).contains { shard in
            guard counts.contains(shard.count) else { return false }
            let part = shard.path(results)
            return path == PathKey(part) || path == PathKey(PartList.path(besides: part))
        }
    }

    /// `path` with its folder, but not itself, freed of links and dots.
    private static func place(_ path: String) -> String {
        let folder = FilePath.parent(path)
        return FilePath.join(FilePath.canonical(folder.isEmpty ? "." : folder), FilePath.lastPart(path))
    }

    /// The file that one of this name would have replaced; nil if it is no such name.
    private static func replaced(by name: String) -> String? {
        guard let mark = name.firstRange(of: PrivateFile.temporaryInfix) else { return nil }
        let unique = name[mark.upperBound...].utf8
        let isUnique =
            (1...PrivateFile.longestUnique).contains(unique.count)
            && unique.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            }
        return isUnique ? String(name[..<mark.lowerBound]) : nil
    }
}
