import Glibc

/// Where figures go: a file of figures, or one that is still to be made, and never in the place of anything else.
package struct MetricsTarget: Sendable {
    /// The file.
    package let path: String
    /// Files that the command reads or writes, which are no figures whatever they hold.
    private let others: [String]

    /// How every file of figures begins.
    private static let beginning = Array("# HELP earmark_".utf8)

    /// Checks, before work whose figures go to `path`, that they can go there and replace nothing but figures.
    ///
    /// - Parameter others: what else the command reads or writes, whether or not it is there yet.
    /// - Throws: `exists` for one of these, and for a file that holds something else than figures; `inputOutput`.
    package init(_ path: String, besides others: [String]) throws(FileError) {
        self.path = path
        self.others = others
        try requireFree()
        try PrivateFile.requireFolder(of: path)
    }

    /// Replaces the file, which anybody may have put something else into meanwhile.
    ///
    /// - Throws: as `init`.
    package func write(_ figures: MetricsFile) throws(FileError) {
        try requireFree()
        try figures.write(path)
    }

    /// The same, where the work is done already and its result does not hang on figures: `say` gets a warning.
    package func write(_ figures: MetricsFile, warning say: (String) -> Void) {
        do throws(FileError) { try write(figures) } catch { say("earmark: warning: \(error.message)") }
    }

    private func requireFree() throws(FileError) {
        // By name, too: what is not there yet must not be made.
        let name = FilePath.canonical(path)
        let isOther = others.contains { FilePath.canonical($0) == name || PrivateFile.isSame($0, path) }
        guard !isOther else {
            throw FileError(
                .exists, "figures do not go to '\(path)', which this command reads or writes: name a file of their own")
        }
        guard let kind = FilePath.status(path).map({ $0.st_mode & S_IFMT }), kind == S_IFREG else { return }
        guard try holdsFigures() else {
            throw FileError(
                .exists,
                "'\(path)' holds something else than figures, and is not replaced: name a new file, or remove it")
        }
    }

    /// Whether a plain file is empty or begins as figures do.
    private func holdsFigures() throws(FileError) -> Bool {
        let descriptor = FilePath.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.systemError("read", path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.beginning.count)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw PrivateFile.systemError("read", path) }
        return count == 0 || bytes == Self.beginning
    }
}
