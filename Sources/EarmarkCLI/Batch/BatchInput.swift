import EarmarkStore
import Foundation

/// Finds the files of a batch: in folders, by patterns, from manifests and from standard input.
struct BatchInput {
    /// Standard input as it is named on the command line.
    static let standardInput = "-"

    /// The meeting of files whose row names none.
    let meeting: String?
    /// Name and note of files whose row has none.
    let words: AnalysisWords
    /// Patterns of which a name must match one, where a folder is searched; everything if there are none.
    let include: [String]
    /// Files that are never taken from folders: the store, and everything named like the results.
    let excluded: [String]

    /// The files that `arguments` name, each once, in order; a folder's in the order of their names.
    ///
    /// - Throws: `unknown` for an argument that names nothing, `invalidInput` for a faulty manifest or a file without a
    ///   meeting.
    func items(_ arguments: [String]) throws(CommandError) -> [BatchItem] {
        var items: [BatchItem] = []
        var seen: Set<String> = []
        for argument in arguments {
            for row in try rows(argument) {
                guard let meeting = row.meeting ?? meeting else {
                    throw CommandError(
                        .invalidInput,
                        "no meeting is named for '\(row.file)'; add --meeting, --any-meeting or a column "
                            + "'meeting'")
                }
                let words = AnalysisWords(
                    name: row.words.name.isEmpty ? words.name : row.words.name,
                    note: row.words.note.isEmpty ? words.note : row.words.note)
                // One line for each file and meeting: naming it twice is no second question.
                if seen.insert(meeting + "\0" + row.file).inserted {
                    items.append(BatchItem(path: row.file, meeting: meeting, words: words))
                }
            }
        }
        return items
    }

    private func rows(_ argument: String) throws(CommandError) -> [Manifest.Row] {
        if argument == BatchInput.standardInput {
            let bytes: [UInt8]
            do {
                bytes = Array(try FileHandle.standardInput.readToEnd() ?? Data())
            } catch {
                throw CommandError(.inputOutput, "cannot read standard input: \(error.localizedDescription)")
            }
            return try Manifest.parse(bytes, form: .init(content: bytes), source: "standard input")
        }
        var status = stat()
        guard stat(argument, &status) == 0 else { return try matches(argument) }
        if status.st_mode & S_IFMT == S_IFDIR { return try files(in: argument).map { Manifest.Row(file: $0) } }
        guard let form = Manifest.Form(path: argument) else { return [Manifest.Row(file: argument)] }
        let bytes = try SmallFile.read(argument, maximumByteCount: Manifest.maximumByteCount)
        let folder = (argument as NSString).deletingLastPathComponent
        return try Manifest.parse(bytes, form: form, source: argument).map { row in
            var row = row
            if !row.file.hasPrefix("/") { row.file = (folder as NSString).appendingPathComponent(row.file) }
            return row
        }
    }

    /// What a quoted pattern stands for.
    private func matches(_ pattern: String) throws(CommandError) -> [Manifest.Row] {
        guard pattern.contains(where: { "*?[".contains($0) }) else {
            throw CommandError(.unknown, "there is no file or folder '\(pattern)'")
        }
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else {
            throw CommandError(.unknown, "no file matches '\(pattern)'")
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
    private func files(in folder: String) throws(CommandError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandError(.inputOutput, "cannot read folder '\(folder)': \(error.localizedDescription)")
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
    static func exclusions(store: StoreLocation, results: String) -> [String] {
        let stem = (canonical(results) as NSString).deletingPathExtension
        let paths = [canonical(store.store), canonical(store.keyFile), canonical(results)]
        return paths.flatMap { [escaped($0), escaped($0) + "-*", escaped($0) + ".*"] } + [escaped(stem) + ".*-of-*"]
    }

    /// A pattern that `path` alone matches.
    private static func escaped(_ path: String) -> String {
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
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
