import EarmarkFiles
package import EarmarkService
package import EarmarkStore
import Foundation

/// Finds the files of a batch: in folders, by patterns, from manifests and from standard input.
package struct BatchInput: Sendable {
    /// Standard input as it is named.
    package static let standardInput = "-"

    /// The meeting of files whose row names none.
    package let meeting: String?
    /// Name and note of files whose row has none.
    package let label: AnalysisLabel
    /// Patterns of which a name must match one, where a folder is searched; everything if there are none.
    package let include: [String]
    /// Files that are never taken from folders: the store, and everything named like the results.
    package let excluded: [String]

    /// Bundles the parts.
    package init(meeting: String?, label: AnalysisLabel, include: [String], excluded: [String]) {
        self.meeting = meeting
        self.label = label
        self.include = include
        self.excluded = excluded
    }

    /// The files that `arguments` name, each once, in order; a folder's in the order of their names.
    ///
    /// - Throws: `unknownInput` for an argument that names nothing, `invalidInput` for a faulty manifest,
    ///   `meetingMissing`.
    package func items(_ arguments: [String]) throws(BatchError) -> [BatchItem] {
        var items: [BatchItem] = []
        var seen: Set<String> = []
        for argument in arguments {
            for row in try rows(argument) {
                guard let meeting = row.meeting ?? meeting else {
                    throw BatchError(.meetingMissing, "no meeting is named for '\(row.file)'")
                }
                let label = AnalysisLabel(
                    name: row.label.name.isEmpty ? label.name : row.label.name,
                    note: row.label.note.isEmpty ? label.note : row.label.note)
                // One line for each file and meeting: naming it twice is no second question.
                if seen.insert(meeting + "\0" + row.file).inserted {
                    items.append(BatchItem(path: row.file, meeting: meeting, label: label))
                }
            }
        }
        return items
    }

    private func rows(_ argument: String) throws(BatchError) -> [Manifest.Row] {
        if argument == BatchInput.standardInput {
            let bytes: [UInt8]
            do {
                bytes = Array(try FileHandle.standardInput.readToEnd() ?? Data())
            } catch {
                throw BatchError(.inputOutput, "cannot read standard input: \(error.localizedDescription)")
            }
            return try Manifest.parse(bytes, form: .init(content: bytes), source: "standard input")
        }
        var status = stat()
        guard stat(argument, &status) == 0 else { return try matches(argument) }
        if status.st_mode & S_IFMT == S_IFDIR { return try files(in: argument).map { Manifest.Row(file: $0) } }
        guard let form = Manifest.Form(path: argument) else { return [Manifest.Row(file: argument)] }
        let bytes = try BatchInput.content(of: argument)
        let folder = (argument as NSString).deletingLastPathComponent
        return try Manifest.parse(bytes, form: form, source: argument).map { row in
            var row = row
            if !row.file.hasPrefix("/") { row.file = (folder as NSString).appendingPathComponent(row.file) }
            return row
        }
    }

    private static func content(of manifest: String) throws(BatchError) -> [UInt8] {
        do throws(FileError) {
            return try SmallFile.read(manifest, maximumByteCount: Manifest.maximumByteCount)
        } catch {
            throw BatchError(error)
        }
    }

    /// What a quoted pattern stands for.
    private func matches(_ pattern: String) throws(BatchError) -> [Manifest.Row] {
        guard pattern.contains(where: { "*?[".contains($0) }) else {
            throw BatchError(.unknownInput, "there is no file or folder '\(pattern)'")
        }
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else {
            throw BatchError(.unknownInput, "no file matches '\(pattern)'")
        }
        let paths = (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
        var found: [String] = []
        for path in paths.sorted(by: BatchInput.precedes) {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            found += exists && isFolder.boolValue ? try files(in: path) : [path]
        }
        return found.map { Manifest.Row(file: $0) }
    }

    /// Plain files below `folder`, whatever their names end in, without hidden ones; links to folders are not followed.
    ///
    /// - Throws: `inputOutput` for a folder that cannot be read: leaving its files out unsaid would hide evidence.
    private func files(in folder: String) throws(BatchError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw BatchError(.inputOutput, "cannot read folder '\(folder)': \(error.localizedDescription)")
        }
        var found: [String] = []
        for name in names where !name.hasPrefix(".") {
            let path = (folder as NSString).appendingPathComponent(name)
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            let isLink = status.st_mode & S_IFMT == S_IFLNK
            guard !isLink || stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR, !isLink {
                found += try files(in: path)
            } else if status.st_mode & S_IFMT == S_IFREG, isIncluded(name), !isExcluded(path) {
                found.append(path)
            }
        }
        return found.sorted(by: BatchInput.precedes)
    }

    /// `FNM_CASEFOLD`, which Glibc declares as an extension that Swift does not see.
    private static let ignoresCase: Int32 = 1 << 4

    private func isIncluded(_ name: String) -> Bool {
        let last = (name as NSString).lastPathComponent
        return include.isEmpty || include.contains { fnmatch($0, last, BatchInput.ignoresCase) == 0 }
    }

    private func isExcluded(_ path: String) -> Bool {
        guard !excluded.isEmpty else { return false }
        let path = BatchInput.canonical(path)
        return excluded.contains { fnmatch($0, path, 0) == 0 }
    }

    /// Patterns for what a batch writes itself: `store` with its companions, `results` and the results of its shards.
    package static func exclusions(store: StoreLocation, results: String) -> [String] {
        let stem = (canonical(results) as NSString).deletingPathExtension
        let paths = [canonical(store.store), canonical(store.keyFile), canonical(results)]
        return paths.flatMap { [escaped($0), escaped($0) + "-*", escaped($0) + ".*"] } + [escaped(stem) + ".*-of-*"]
    }

    /// A pattern that `path` alone matches.
    static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if "*?[\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }

    /// `path` without links and dots, for comparison.
    static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// By bytes: the same order on every machine, whatever its language.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
