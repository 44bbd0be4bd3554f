package import EarmarkAnswer
package import EarmarkFiles
import EarmarkMedia
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
    /// When files were played whose row does not say it, and how rows are read that do.
    package var played: Played
    /// Patterns of which a name must match one, where a folder is searched; everything if there are none.
    package let include: [String]
    /// Files that are never taken from folders: the store, and everything named like the results.
    package let excluded: [String]

    /// What is known of when files were played.
    package struct Played: Sendable {
        /// For files whose row does not say it; nil if nothing is known.
        package let usual: PlayedAt?
        /// How far off rows may be, seconds.
        let within: Int64
        /// Reads a point in time.
        let time: @Sendable (String) -> Timestamp?

        /// Bundles the parts; by default nothing is known, and rows name zones.
        package init(
            _ usual: PlayedAt? = nil, within: Int64 = PlayedAt.usualWithin,
            time: @escaping @Sendable (String) -> Timestamp? = { Timestamp($0) }
        ) {
            self.usual = usual
            self.within = within
            self.time = time
        }
    }

    /// Bundles the parts.
    package init(
        meeting: String?, label: AnalysisLabel, include: [String], excluded: [String], played: Played = .init()
    ) {
        self.played = played
        self.meeting = meeting
        self.label = label
        self.include = include
        self.excluded = excluded
    }

    /// What was found.
    package struct Found: Sendable {
        /// The files, each once for a meeting, in order; a folder's in the order of their names.
        package fileprivate(set) var items: [BatchItem] = []
        /// Hidden entries of folders, which are left out; those below them are not counted.
        package fileprivate(set) var hidden = 0
    }

    /// The files that `arguments` name.
    ///
    /// Whatever lies in a folder is an item: what cannot be analysed gets a line that says so.
    /// - Throws: `unknownInput` for an argument that names nothing, `invalidInput` for a faulty manifest or label,
    ///   `meetingMissing`.
    package func find(_ arguments: [String]) throws(BatchError) -> Found {
        if let problem = AnalysisDraft.problem(withName: label.name, note: label.note) {
            throw BatchError(.invalidInput, "the analyses' \(problem)")
        }
        var found = Found()
        var seen: Set<PathKey> = []
        for argument in arguments {
            for row in try rows(argument, &found.hidden) {
                // What is refused needs none.
                guard let meeting = row.meeting ?? meeting ?? row.refusal.map({ _ in "" }) else {
                    throw BatchError(.meetingMissing, "no meeting is named for '\(row.file)'")
                }
                let label = AnalysisLabel(
                    name: row.label.name.isEmpty ? label.name : row.label.name,
                    note: row.label.note.isEmpty ? label.note : row.label.note)
                // One line for each file and meeting: naming it twice is no second question.
                let (playedAt, problem) = stated(row)
                let key = meeting + "\0" + row.file + (playedAt.map { "\0" + $0.text } ?? "")
                if seen.insert(PathKey(key)).inserted {
                    found.items.append(
                        BatchItem(
                            path: row.file, meeting: meeting, label: label, playedAt: playedAt,
                            refusal: row.refusal ?? problem))
                }
            }
        }
        return found
    }

    /// When a row's file was played, and why the row is refused that says it badly.
    private func stated(_ row: Manifest.Row) -> (PlayedAt?, FileOutcome.Refusal?) {
        guard let text = row.playedAt else { return (played.usual, nil) }
        if let stated = PlayedAt(text, within: played.within, time: played.time) { return (stated, nil) }
        return (
            nil,
            .init(
                code: StoreError.Code.valueInvalid.rawValue,
                message: "was not analysed: its row's played_at is neither an offset such as 12:30 or 45m nor a time.")
        )
    }

    private func rows(_ argument: String, _ hidden: inout Int) throws(BatchError) -> [Manifest.Row] {
        if argument == BatchInput.standardInput {
            let bytes: [UInt8]
            do {
                bytes = Array(try FileHandle.standardInput.readToEnd() ?? Data())
            } catch {
                throw BatchError(.inputOutput, "cannot read standard input: \(error.localizedDescription)")
            }
            return try Manifest.parse(bytes, form: .init(content: bytes), source: "standard input")
        }
        guard FilePath.entryStatus(argument) != nil else { return try matches(argument, &hidden) }
        if FilePath.isFolder(argument) { return entries(of: argument, &hidden) }
        guard let form = Manifest.Form(path: argument) else { return [Manifest.Row(file: argument)] }
        let bytes = try BatchInput.content(of: argument)
        return try Manifest.parse(bytes, form: form, source: argument).map { row in
            var row = row
            if !row.file.hasPrefix("/") { row.file = FilePath.join(FilePath.parent(argument), row.file) }
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
    private func matches(_ pattern: String, _ hidden: inout Int) throws(BatchError) -> [Manifest.Row] {
        guard pattern.contains(where: { "*?[".contains($0) }) else {
            throw BatchError(.unknownInput, "there is no file or folder '\(pattern)'")
        }
        let paths = FilePath.matches(pattern)
        guard !paths.isEmpty else { throw BatchError(.unknownInput, "no file matches '\(pattern)'") }
        return paths.flatMap { path in
            FilePath.isFolder(path) ? entries(of: path, &hidden) : [Manifest.Row(file: path)]
        }
    }

    // MARK: Folders

    /// All entries below `folder`, sorted by the bytes of their paths: files whatever their names end in, and what is
    /// none.
    private func entries(of folder: String, _ hidden: inout Int) -> [Manifest.Row] {
        var rows: [Manifest.Row] = []
        add(folder, root: FilePath.canonical(folder), to: &rows, &hidden)
        return rows.sorted { FilePath.precedes($0.file, $1.file) }
    }

    private func add(_ folder: String, root: String, to rows: inout [Manifest.Row], _ hidden: inout Int) {
        let names: [String]
        do throws(FileError) {
            names = try FilePath.entries(folder)
        } catch {
            return rows.append(BatchInput.refused(folder, "is a folder that cannot be read: \(error.message)."))
        }
        for name in names {
            guard !name.hasPrefix(".") else {
                hidden += 1
                continue
            }
            let path = FilePath.join(folder, name)
            let kind = FilePath.entryStatus(path).map { $0.st_mode & S_IFMT }
            if kind == S_IFDIR {
                add(path, root: root, to: &rows, &hidden)
            } else if kind == S_IFLNK, FilePath.isFolder(path) {
                // What lies within the folder that is searched has lines of its own.
                guard !(FilePath.canonical(path) + "/").hasPrefix(root + "/") else { continue }
                rows.append(BatchInput.refused(path, "is a link to a folder elsewhere, which is not followed."))
            } else if isIncluded(name), !isExcluded(path) {
                rows.append(Manifest.Row(file: path))
            }
        }
    }

    private static func refused(_ path: String, _ message: String) -> Manifest.Row {
        Manifest.Row(file: path, refusal: .init(code: MediaError.Code.unreadable.rawValue, message: message))
    }

    /// `FNM_CASEFOLD`, which Glibc declares as an extension that Swift does not see.
    private static let ignoresCase: Int32 = 1 << 4

    private func isIncluded(_ name: String) -> Bool {
        include.isEmpty || include.contains { FilePath.fits(name, $0, flags: BatchInput.ignoresCase) }
    }

    private func isExcluded(_ path: String) -> Bool {
        guard !excluded.isEmpty else { return false }
        let path = FilePath.canonical(path)
        return excluded.contains { FilePath.fits(path, $0) }
    }

    /// Patterns for what a batch writes itself: `store` with its companions, `results` and the results of its shards.
    package static func exclusions(store: StoreLocation, results: String) -> [String] {
        let stem = FilePath.withoutEnding(FilePath.canonical(results))
        let paths = [store.store, store.keyFile, results].map(FilePath.canonical)
        return paths.flatMap { [escaped($0), escaped($0) + "-*", escaped($0) + ".*"] } + [escaped(stem) + ".*-of-*"]
    }

    /// A pattern for one file that is never taken.
    package static func exclusion(_ path: String) -> String { escaped(FilePath.canonical(path)) }

    /// A pattern that `path` alone matches.
    static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if "*?[\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
