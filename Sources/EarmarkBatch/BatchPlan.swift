package import EarmarkAnswer
import EarmarkFiles
import Glibc

/// What a batch would do, as JSON.
package struct BatchPlan: Encodable, Equatable, Sendable {
    /// A file as it lies there.
    package struct File: Encodable, Equatable, Sendable {
        /// The file as it was named or found.
        package let path: String
        /// The meeting that it may be of.
        package let meeting: String
        /// When it was played, if that is stated.
        package let playedAt: PlayedAt?
        /// Its bytes; nil if there is no such file.
        package let bytes: Int64?
        /// Why it could not be analysed; nil if nothing is known against it.
        package let problem: String?
    }

    /// The files in the batch's order.
    package let files: [File]
    /// Hidden entries of folders, which are left out; nil if there are none.
    package let hidden: Int?
    /// Files of the store, and such as the batch writes, which are left out; nil if there are none.
    package let own: [String]?
    /// Links to folders that were searched, and files that `--include` does not take, which are left out; nil if there
    /// are none.
    package let links: Int?
    package let excluded: Int?
    /// The result file.
    package let out: String

    /// Examines the files of `items`, whose lines would go to the file at `path`.
    package init(_ items: [BatchItem], path: String, leftOut: BatchInput.LeftOut = .init()) {
        out = path
        hidden = leftOut.hidden > 0 ? leftOut.hidden : nil
        own = leftOut.own.isEmpty ? nil : leftOut.own
        links = leftOut.links > 0 ? leftOut.links : nil
        excluded = leftOut.excluded > 0 ? leftOut.excluded : nil
        files = items.map { item in
            guard let status = FilePath.status(item.path) else {
                let problem = String(cString: strerror(errno))
                return File(
                    path: item.path, meeting: item.meeting, playedAt: item.playedAt, bytes: nil, problem: problem)
            }
            let isPlain = status.st_mode & S_IFMT == S_IFREG
            let isReadable = FilePath.withCString(item.path) { access($0, R_OK) } == 0
            let problem =
                item.refusal?.message ?? (!isPlain ? "not a plain file" : isReadable ? nil : "cannot be read")
            return File(
                path: item.path, meeting: item.meeting, playedAt: item.playedAt, bytes: Int64(status.st_size),
                problem: problem)
        }
    }
}
