import EarmarkAnalysis
import EarmarkFiles
package import EarmarkService
import Foundation

/// Takes note, behind the list beside a result file, of each file whose analysis begins.
///
/// Files that were in hand when a batch was killed with all of its processes come last in the next one: if one of them
/// was why, it does not keep the others from being analysed. None of them is held to have been: whoever kills a batch
/// convicts no file. Any thread may use it.
package final class PartJournal: Sendable {
    /// A line of it.
    struct Entry: Codable {
        let begun: PartList.File
    }

    private let path: String
    private let descriptor: Int32
    /// Files that an earlier run had in hand as it ended.
    private let suspects: Set<PartList.File>
    /// What earlier runs read.
    private let read: ReadFiles

    /// The last line of a part whose files all have their lines.
    struct Closing: Codable {
        struct Body: Codable {
            let sha256: String
        }

        /// SHA-256 of the result file.
        let closes: Body
    }

    /// Writes the list `part` beside the result file at `path`, in place of an earlier one, and begins a journal.
    ///
    /// - Parameters:
    ///   - part: what the results are to hold.
    ///   - path: the result file.
    ///   - ledger: tells which files have their line.
    ///   - options: what is asked about files.
    ///   - resumes: whether the batch goes on with another; else that one's journal says nothing.
    package init(
        _ part: PartList, besides path: String, ledger: BatchLedger, options: AnalysisOptions, resumes: Bool
    ) throws(BatchError) {
        // A list that cannot be read is no reason not to go on: it is written anew.
        let earlier = resumes ? try? PartList(besides: path) : nil
        let begun = earlier?.begun ?? []
        read = ReadFiles(earlier?.read ?? [])
        suspects = Set(
            begun.filter { file in
                let item = BatchItem(
                    path: file.path, meeting: file.meeting, label: AnalysisLabel(), playedAt: file.playedAt)
                return !ledger.isSettled(item, BatchRequest(item, options))
            })
        try part.write(
            besides: path, begun: suspects.sorted { FilePath.precedes($0.path, $1.path) },
            read: read.entries(of: part.files.map(\.path)))
        self.path = PartList.path(besides: path)
        descriptor = FilePath.open(self.path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw ResultFile.systemError("open", self.path) }
    }

    deinit { close(descriptor) }

    /// `items` in the order in which they are analysed.
    package func ordered(_ items: [BatchItem]) -> [BatchItem] {
        guard !suspects.isEmpty else { return items }
        let isSuspect = { (item: BatchItem) in self.suspects.contains(PartList.File(item)) }
        return items.filter { !isSuspect($0) } + items.filter(isSuspect)
    }

    /// Takes note that `item` is in hand.
    func begin(_ item: BatchItem) throws { try append(Entry(begun: PartList.File(item))) }

    /// The digest of a file that an earlier run read and that was not written to since; nil where it must be read.
    func digest(of path: String) -> String? { read.digest(of: path) }

    /// Takes note of what a file held that had this stamp before it was read.
    func note(_ sha256: String, of path: String, stamp: ReadFiles.Stamp?) throws {
        // One that was written to meanwhile, or just before, is read again the next time.
        guard let stamp, ReadFiles.Stamp(path) == stamp else { return }
        try append(ReadFiles.Entry(read: .init(path: path, sha256: sha256, stamp: stamp)))
    }

    /// Takes note of what the result file holds, once all files have their lines, so that one that is changed later, or
    /// not copied whole, is not merged.
    package func finish(results: String) throws {
        try append(Closing(closes: .init(sha256: try FileDigest.sha256(path: results))))
    }

    private func append(_ entry: some Encodable) throws {
        let line = try PartList.line(entry)
        guard line.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == line.count else {
            throw ResultFile.systemError("write", path)
        }
    }
}
