package import EarmarkAnswer
package import EarmarkFiles
import EarmarkMedia
package import EarmarkService
import EarmarkStore
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
    /// Files that are never taken from folders or by patterns: those of the store, and what the batch writes.
    package let own: OwnFiles

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
        meeting: String?, label: AnalysisLabel, include: [String], own: OwnFiles, played: Played = .init()
    ) {
        self.played = played
        self.meeting = meeting
        self.label = label
        self.include = include
        self.own = own
    }

    /// What was found.
    package struct Found: Sendable {
        /// The files, each once for a meeting, in order; a folder's in the order of their names.
        package fileprivate(set) var items: [BatchItem] = []
        /// What lies there and is not analysed.
        package fileprivate(set) var leftOut = LeftOut()
    }

    /// What folders and patterns show and a batch leaves out.
    package struct LeftOut: Sendable {
        /// Hidden entries of folders; those below them are not counted.
        package fileprivate(set) var hidden = 0
        /// Files of the store, and such as the batch writes.
        package fileprivate(set) var own: [String] = []
        /// Links within a folder to a folder within it, whose files have lines of their own.
        package fileprivate(set) var links = 0
        /// Files of folders whose names `--include` does not take.
        package fileprivate(set) var excluded = 0

        /// Nothing.
        package init() {}
    }

    /// The files that `arguments` name.
    ///
    /// Whatever lies in a folder is an item: what cannot be analysed gets a line that says so. A list is followed where
    /// it is the only argument, or `followsLists`: a shell may have found the others, and whoever hands in files, which
    /// may be lists of any files of this machine, chooses their names.
    /// - Throws: `unknownInput` for an argument that names nothing, `invalidInput` for a faulty manifest or label,
    ///   `meetingMissing`.
    package func find(_ arguments: [String], followsLists: Bool? = nil) throws(BatchError) -> Found {
        let followsLists = followsLists ?? (arguments.count == 1)
        if let problem = AnalysisDraft.problem(withName: label.name, note: label.note) {
            throw BatchError(.invalidInput, "the analyses' \(problem)")
        }
        var found = Found()
        var seen: Set<PathKey> = []
        for argument in arguments {
            for row in try rows(argument, followsLists, &found.leftOut) {
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

    private func rows(
        _ argument: String, _ followsLists: Bool, _ leftOut: inout LeftOut
    ) throws(BatchError) -> [Manifest.Row] {
        if argument == BatchInput.standardInput {
            let bytes: [UInt8]
            do {
                bytes = Array(try FileHandle.standardInput.readToEnd() ?? Data())
            } catch {
                throw BatchError(.inputOutput, "cannot read standard input: \(error.localizedDescription)")
            }
            return try Manifest.parse(bytes, form: BatchInput.form(of: bytes), source: "standard input")
        }
        guard FilePath.entryStatus(argument) != nil else { return try matches(argument, &leftOut) }
        guard BatchInput.isPattern(argument) else { return try named(argument, followsLists, &leftOut) }
        // Whoever hands in files chooses their names: one that is called like a pattern hides no other.
        let isOne = FilePath.matches(argument).paths.contains { PathKey($0) == PathKey(argument) }
        return (isOne ? [] : try named(argument, followsLists, &leftOut)) + matched(by: argument, &leftOut)
    }

    /// What an argument stands for that names something.
    private func named(
        _ argument: String, _ followsLists: Bool, _ leftOut: inout LeftOut
    ) throws(BatchError) -> [Manifest.Row] {
        if FilePath.isFolder(argument) { return entries(of: argument, &leftOut) }
        guard followsLists, let form = Manifest.Form(path: argument) else { return [Manifest.Row(file: argument)] }
        let bytes = try BatchInput.content(of: argument)
        return try Manifest.parse(bytes, form: form, source: argument).map { row in
            var row = row
            if !row.file.hasPrefix("/") { row.file = FilePath.join(FilePath.parent(argument), row.file) }
            return row
        }
    }

    /// How standard input is read.
    ///
    /// `ls` lists a recording that is called `file` like a manifest without other columns begins.
    private static func form(of bytes: [UInt8]) -> Manifest.Form {
        let isOneColumn = bytes.starts(with: "file\n".utf8)
        return isOneColumn && FilePath.entryStatus("file") != nil ? .paths : .init(content: bytes)
    }

    private static func content(of manifest: String) throws(BatchError) -> [UInt8] {
        do throws(FileError) {
            return try SmallFile.read(manifest, maximumByteCount: Manifest.maximumByteCount)
        } catch {
            throw BatchError(error)
        }
    }

    private static func isPattern(_ argument: String) -> Bool { argument.contains { "*?[".contains($0) } }

    /// What an argument stands for that names nothing.
    private func matches(_ pattern: String, _ leftOut: inout LeftOut) throws(BatchError) -> [Manifest.Row] {
        guard BatchInput.isPattern(pattern) else {
            throw BatchError(.unknownInput, "there is no file or folder '\(pattern)'")
        }
        let rows = matched(by: pattern, &leftOut)
        guard !rows.isEmpty || !leftOut.own.isEmpty else {
            throw BatchError(.unknownInput, "no file matches '\(pattern)'")
        }
        return rows
    }

    /// What a quoted pattern stands for.
    private func matched(by pattern: String, _ leftOut: inout LeftOut) -> [Manifest.Row] {
        let found = FilePath.matches(pattern)
        var rows = found.unread.map(BatchInput.unread)
        rows += found.links.map {
            BatchInput.refused($0, "is a link to a folder, which is followed only where it is named itself.")
        }
        for path in found.paths {
            if FilePath.isFolder(path) {
                rows += entries(of: path, &leftOut)
            } else {
                let folder = FilePath.parent(path)
                add(file: path, in: FilePath.canonical(folder.isEmpty ? "." : folder), to: &rows, &leftOut)
            }
        }
        return rows
    }

    // MARK: Folders

    /// All entries below `folder`, sorted by the bytes of their paths: files whatever their names end in, and what is
    /// none.
    private func entries(of folder: String, _ leftOut: inout LeftOut) -> [Manifest.Row] {
        var rows: [Manifest.Row] = []
        add(folder, root: FilePath.canonical(folder), to: &rows, &leftOut)
        return rows.sorted { FilePath.precedes($0.file, $1.file) }
    }

    private func add(_ folder: String, root: String, to rows: inout [Manifest.Row], _ leftOut: inout LeftOut) {
        let names: [String]
        do throws(FileError) {
            names = try FilePath.entries(folder)
        } catch {
            return rows.append(BatchInput.unread(.init(folder: folder, reason: error.message)))
        }
        let canonical = FilePath.canonical(folder)
        for name in names {
            guard !name.hasPrefix(".") else {
                leftOut.hidden += 1
                continue
            }
            let path = FilePath.join(folder, name)
            let kind = FilePath.entryStatus(path).map { $0.st_mode & S_IFMT }
            if kind == S_IFDIR {
                add(path, root: root, to: &rows, &leftOut)
            } else if kind == S_IFLNK, FilePath.isFolder(path) {
                // What lies within the folder that is searched has lines of its own.
                guard !(FilePath.canonical(path) + "/").hasPrefix(root + "/") else {
                    leftOut.links += 1
                    continue
                }
                rows.append(BatchInput.refused(path, "is a link to a folder elsewhere, which is not followed."))
            } else if isIncluded(name) {
                add(file: path, in: canonical, to: &rows, &leftOut)
            } else {
                leftOut.excluded += 1
            }
        }
    }

    /// Takes the file at `path`, which lies in `folder`, unless it is the batch's own or its store's.
    private func add(file path: String, in folder: String, to rows: inout [Manifest.Row], _ leftOut: inout LeftOut) {
        if own.contains(FilePath.lastPart(path), in: folder) {
            leftOut.own.append(path)
        } else {
            rows.append(Manifest.Row(file: path))
        }
    }

    private static func unread(_ entry: FilePath.Unread) -> Manifest.Row {
        refused(entry.folder, "is a folder that cannot be read: \(entry.reason).")
    }

    private static func refused(_ path: String, _ message: String) -> Manifest.Row {
        Manifest.Row(file: path, refusal: .init(code: MediaError.Code.unreadable.rawValue, message: message))
    }

    /// `FNM_CASEFOLD`, which Glibc declares as an extension that Swift does not see.
    private static let ignoresCase: Int32 = 1 << 4

    private func isIncluded(_ name: String) -> Bool {
        include.isEmpty || include.contains { FilePath.fits(name, $0, flags: BatchInput.ignoresCase) }
    }
}
