import EarmarkAnalysis
import EarmarkAnswer
import EarmarkFiles
package import EarmarkService
import Foundation

/// What a result file is to hold: written beside it before the first file is analysed.
///
/// Without it nobody could tell results that lack files, or are of another batch, from whole ones. One JSON object a
/// line: the head, then each file.
package struct PartList: Equatable, Sendable {
    /// Which part of which list.
    package struct Head: Codable, Equatable, Sendable {
        /// Rises when a member changes its meaning.
        var schema = PartList.schema
        /// Digest of the whole list, of all parts, with what is asked.
        let list: String
        /// Which part, from 1.
        let part: Int
        /// Number of parts.
        let of: Int
        /// Files of this part.
        let files: Int
        /// The job scheduler's task that took it, if one did.
        let task: ArrayTask?
        /// What is asked about every file; nil in lists of earlier versions.
        var asked: Asked?
    }

    /// What is asked about every file of a batch.
    package struct Asked: Codable, Equatable, Sendable {
        let effort: String
        let allowShort: Bool
        let triage: Bool
        let toolVersion: String

        /// What lines of such a request say.
        init(_ request: BatchRequest) {
            effort = request.effort
            allowShort = request.allowShort
            triage = request.triage ?? false
            toolVersion = request.toolVersion
        }
    }

    /// Whether a line of `request` is of this batch: lines of an earlier one, with other options, stand in for none.
    func asks(_ request: BatchRequest) -> Bool { head.asked.map { $0 == Asked(request) } ?? true }

    /// A file and the meeting that it may be of.
    package struct File: Codable, Hashable, Sendable {
        let path: String
        let meeting: String
        let playedAt: PlayedAt?

        init(path: String, meeting: String, playedAt: PlayedAt? = nil) {
            self.path = path
            self.meeting = meeting
            self.playedAt = playedAt
        }

        init(_ item: BatchItem) { self.init(path: item.path, meeting: item.meeting, playedAt: item.playedAt) }

        package static func == (left: File, right: File) -> Bool {
            PathKey(left.path) == PathKey(right.path) && left.meeting == right.meeting
                && left.playedAt == right.playedAt
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(PathKey(path))
            hasher.combine(meeting)
            hasher.combine(playedAt)
        }
    }

    private static let schema = 1
    /// Longest head that is read.
    private static let longestHead = 4_096
    /// Longest list that is read: that of the longest manifest, with the journal behind it.
    private static let maximumByteCount = 4 * Manifest.maximumByteCount

    let head: Head
    let files: [File]
    /// Files whose analysis began.
    let begun: [File]
    /// What files held that were read.
    let read: [ReadFiles.Entry]
    /// SHA-256 of the result file when all files had their lines; nil before that.
    let closedAs: String?

    /// The list of the part `shard` of `items`, asked about as `request` says, which `task` took.
    package init(
        _ items: [BatchItem], shard: Shard, digest: String, task: ArrayTask?, asking options: AnalysisOptions
    ) {
        files = items.map(File.init)
        begun = []
        read = []
        let item = BatchItem(path: "", meeting: "", label: .init())
        head = Head(
            list: digest, part: shard.index, of: shard.count, files: files.count, task: task,
            asked: Asked(BatchRequest(item, options)))
        closedAs = nil
    }

    /// Digest of all files of a batch and what is asked about them: equal for all parts of one batch.
    package static func digest(
        _ items: [BatchItem], effort: String, allowShort: Bool, triages: Bool = false
    ) -> String {
        var bytes: [UInt8] = Array("\(effort) \(allowShort)\(triages ? " triage" : "")\n".utf8)
        for item in items {
            // Neither a path nor a meeting's identifier holds NUL.
            bytes += item.path.utf8 + [0] + item.meeting.utf8 + [0]
            // No path is empty.
            if let playedAt = item.playedAt { bytes += [0] + playedAt.text.utf8 + [0] }
        }
        return FileDigest.sha256(of: bytes)
    }

    /// Where the list of the result file at `path` lies.
    package static func path(besides path: String) -> String { path + ".list" }

    /// Checks that nothing lies in the place of the list of the result file at `path` but an earlier list.
    ///
    /// Whoever hands in files chooses their names: a recording that is called like the list is not written over.
    static func requirePlace(besides path: String) throws(BatchError) {
        let list = PartList.path(besides: path)
        let longest = Int(NAME_MAX) - PrivateFile.temporaryInfix.utf8.count - PrivateFile.longestUnique
        guard FilePath.bytes(FilePath.lastPart(list)).count <= longest else {
            throw BatchError(
                .inputOutput,
                "the name of '\(path)' is too long: beside it a list is written, whose name is longer still; "
                    + "\(longest - (list.utf8.count - path.utf8.count)) bytes are the most")
        }
        guard let status = FilePath.entryStatus(list), status.st_size > 0 || status.st_mode & S_IFMT != S_IFREG else {
            return
        }
        let descriptor = FilePath.open(list, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        defer { if descriptor >= 0 { close(descriptor) } }
        var bytes = [UInt8](repeating: 0, count: longestHead)
        let count = descriptor < 0 ? 0 : max(0, pread(descriptor, &bytes, bytes.count, 0))
        guard let line = bytes[..<count].split(separator: UInt8(ascii: "\n")).first, head(line) != nil else {
            throw BatchError(
                .listExists,
                "'\(list)', where the batch would write what '\(path)' is to hold, is another file: "
                    + "move it, or give results another name")
        }
    }

    /// Writes the list beside the result file at `path`, in place of an earlier one, with the files that `begun` names,
    /// and what was read.
    func write(besides path: String, begun: [File], read: [ReadFiles.Entry] = []) throws(BatchError) {
        do {
            var bytes = try PartList.line(head)
            for file in files { bytes += try PartList.line(file) }
            for file in begun { bytes += try PartList.line(PartJournal.Entry(begun: file)) }
            for entry in read { bytes += try PartList.line(entry) }
            try PrivateFile.replace(PartList.path(besides: path), bytes: bytes)
        } catch let error as FileError {
            throw BatchError(error)
        } catch {
            throw BatchError(.defect, "the list of '\(path)' cannot be written as JSON")
        }
    }

    /// A line of JSON.
    static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    /// Reads the list beside the result file at `path`; nil if there is none.
    ///
    /// - Throws: `invalidInput` if it is none, or not whole.
    init?(besides path: String) throws(BatchError) {
        let path = PartList.path(besides: path)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: PartList.maximumByteCount)
        } catch  where error.code == .missing {
            return nil
        } catch {
            throw BatchError(error)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let first = lines.first, let head = PartList.head(first),
            let files = try? lines.dropFirst().prefix(head.files).map({
                try JSONDecoder().decode(File.self, from: Data($0))
            }),
            files.count == head.files
        else { throw BatchError(.invalidInput, "'\(path)' is no list of a batch, or not whole") }
        self.head = head
        self.files = files
        // The last line of a killed process may be torn.
        let journal = lines.dropFirst(1 + head.files)
        begun = journal.compactMap { line in
            (try? JSONDecoder().decode(PartJournal.Entry.self, from: Data(line)))?.begun
        }
        read = journal.compactMap { try? JSONDecoder().decode(ReadFiles.Entry.self, from: Data($0)) }
        let last = journal.last.flatMap { try? JSONDecoder().decode(PartJournal.Closing.self, from: Data($0)) }
        closedAs = last?.closes.sha256
    }

    /// The heads of all lists beside the result file `out` of a batch, those of its parts.
    static func heads(ofPartsOf out: String) -> [Head] {
        let ending = FilePath.ending(out)
        let pattern = FilePath.patternOf(FilePath.withoutEnding(out)) + ".*-of-*" + (ending.isEmpty ? "" : ".*")
        return FilePath.matches(path(besides: pattern)).paths.compactMap { path in
            guard let file = try? SmallFile.read(path, maximumByteCount: maximumByteCount),
                let line = file.prefix(longestHead).split(separator: UInt8(ascii: "\n")).first
            else { return nil }
            return head(line)
        }
    }

    private static func head(_ line: ArraySlice<UInt8>) -> Head? {
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(line)), head.schema == schema,
            Shard(index: head.part, count: head.of, origin: nil) != nil
        else { return nil }
        return head
    }
}
