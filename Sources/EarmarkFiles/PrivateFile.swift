import Glibc

/// File operations that keep secrets private and whole: exclusive creation, atomic replacement, guarded reading.
package enum PrivateFile {
    /// Read and write for the owner, nothing for others.
    static let mode: mode_t = 0o600
    /// Mode of folders made for stores.
    static let folderMode: mode_t = 0o700

    /// Stands between the name of a file that is replaced and what makes the name of its replacement unique.
    package static let temporaryInfix = ".new-"
    /// Bytes of what makes it unique at most: 64 bits to the base 36.
    package static let longestUnique = 13

    /// Whether anything, even a dangling link, lies at `path`.
    package static func exists(_ path: String) -> Bool {
        FilePath.entryStatus(path) != nil
    }

    /// Whether two paths lead to one file, by whatever links.
    package static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(path, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }

    /// Makes the folder that will hold `path`, private to the owner.
    package static func createParentFolder(of path: String) throws(FileError) {
        try FilePath.makeFolders(FilePath.parent(path), mode: folderMode)
    }

    /// Checks, before work whose result goes to `path`, that its folder is there and takes files.
    ///
    /// - Throws: `inputOutput`.
    package static func requireFolder(of path: String) throws(FileError) {
        let kind = FilePath.status(path).map { $0.st_mode & S_IFMT }
        // A device or pipe is written to as it is, whatever its folder allows.
        guard kind == nil || kind == S_IFREG || kind == S_IFDIR else { return }
        guard kind != S_IFDIR else { throw FileError(.inputOutput, "cannot create '\(path)': it is a folder") }
        let parent = FilePath.parent(path)
        let isWritable = FilePath.withCString(FilePath.join(parent, ".")) { access($0, W_OK | X_OK) } == 0
        if isWritable { return }
        throw systemError("create", path)
    }

    /// Creates `path` with `bytes`, readable by the owner only; fails if anything lies there.
    ///
    /// - Parameters:
    ///   - path: where to create the file.
    ///   - bytes: its content.
    ///   - isDurable: whether to wait until the file would survive a power loss.
    package static func create(_ path: String, bytes: [UInt8], isDurable: Bool = true) throws(FileError) {
        let descriptor = FilePath.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: mode)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw FileError(.exists, "'\(path)' exists already and is not overwritten") }
            throw systemError("create", path)
        }
        do throws(FileError) {
            try writeAll(bytes, to: descriptor, path: path)
            guard !isDurable || fsync(descriptor) == 0 else { throw systemError("save", path) }
        } catch {
            close(descriptor)
            FilePath.remove(path)
            throw error
        }
        close(descriptor)
        if isDurable { try syncFolder(of: path) }
    }

    /// Creates `path` from what `body` writes, piece by piece: it appears whole, or not at all.
    ///
    /// What a killed process left is written over the next time.
    /// - Throws: `exists` if anything lies there; what `body` throws.
    package static func create(
        _ path: String, writing body: (_ write: ([UInt8]) throws(FileError) -> Void) throws -> Void
    ) throws {
        guard !exists(path) else { throw FileError(.exists, "'\(path)' exists already and is not overwritten") }
        let temporary = path + temporaryInfix + "whole"
        FilePath.remove(temporary)
        let descriptor = FilePath.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: mode)
        guard descriptor >= 0 else { throw systemError("create", path) }
        do {
            defer { close(descriptor) }
            try body { bytes throws(FileError) in try writeAll(bytes, to: descriptor, path: path) }
            guard fsync(descriptor) == 0 else { throw systemError("save", path) }
            guard FilePath.rename(temporary, to: path) == 0 else { throw systemError("create", path) }
        } catch {
            FilePath.remove(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    /// Checks, before work whose result goes to `path`, that it can go there and overwrites nothing.
    ///
    /// - Throws: `exists`; `inputOutput`.
    package static func requireNew(_ path: String) throws(FileError) {
        guard exists(path), !isDevice(path) else { return try requireFolder(of: path) }
        throw FileError(.exists, "'\(path)' exists already and is not overwritten")
    }

    /// Creates `path` with `bytes`, whole or not at all; what is no plain file, such as a device, is written to.
    ///
    /// - Throws: `exists` if a file or folder lies there; `inputOutput`.
    package static func createOrWrite(_ path: String, bytes: [UInt8]) throws {
        if try writesToDevice(path, bytes: bytes) { return }
        try create(path) { write in try write(bytes) }
    }

    private static func isDevice(_ path: String) -> Bool {
        FilePath.status(path).map { ![S_IFREG, S_IFDIR].contains($0.st_mode & S_IFMT) } ?? false
    }

    /// Removes the file at `path`, if there is one.
    package static func remove(_ path: String) { unlink(path) }

    /// Takes away what killed processes left of files in `folder` that they were writing.
    ///
    /// - Parameter isOurs: whether a file of that name is one that the caller writes.
    package static func removeLeftovers(in folder: String, of isOurs: (_ name: String) -> Bool) {
        for name in (try? FilePath.entries(folder)) ?? [] {
            guard let mark = name.firstRange(of: temporaryInfix), isOurs(String(name[..<mark.lowerBound])) else {
                continue
            }
            FilePath.remove(FilePath.join(folder, name))
        }
    }

    /// A fresh name beside `path` for what will replace it.
    static func temporary(of path: String) -> String {
        path + temporaryInfix + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Writes `bytes` to what lies at `path` if it is no plain file, such as a device or pipe; whether it is none.
    static func writesToDevice(_ path: String, bytes: [UInt8]) throws(FileError) -> Bool {
        guard let kind = FilePath.status(path).map({ $0.st_mode & S_IFMT }), kind != S_IFREG, kind != S_IFDIR else {
            return false
        }
        let descriptor = FilePath.open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
        return true
    }

    /// Replaces `path` by `bytes` so that a crash leaves either the old or the new content; what is no plain file, such
    /// as a device, is written to.
    package static func replace(_ path: String, bytes: [UInt8]) throws(FileError) {
        guard try !writesToDevice(path, bytes: bytes) else { return }
        let temporary = temporary(of: path)
        try create(temporary, bytes: bytes)
        guard FilePath.rename(temporary, to: path) == 0 else {
            let error = systemError("replace", path)
            FilePath.remove(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    /// Reads `path` whole after checking that it is a plain file that only its owner can read.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - maximumByteCount: a larger one is refused.
    /// - Returns: nil if nothing lies at `path`.
    /// - Throws: `exposed` if others may read it, `unfit` if it is no plain file or too large.
    package static func read(_ path: String, maximumByteCount: Int) throws(FileError) -> [UInt8]? {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw systemError("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(.unfit, "'\(path)' is not a plain file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw FileError(
                .exposed,
                "key file '\(path)' is open to other users; make it private: chmod 600 \(FilePath.shellWord(path))")
        }
        guard status.st_size <= maximumByteCount else {
            throw FileError(.unfit, "'\(path)' is too large for a key file")
        }
        return try readAll(descriptor, path: path, maximumByteCount: maximumByteCount)
    }

    /// The error of the system call that just failed.
    package static func systemError(_ verb: String, _ path: String) -> FileError {
        let code = errno
        let reason = verb == "create" ? reason(code, creating: path) : String(cString: strerror(code))
        return FileError(.inputOutput, "cannot \(verb) '\(path)': \(reason)")
    }

    /// Why the file at `path` cannot be created, by the system's `code`: where its folder is missing, how to make that.
    package static func reason(_ code: Int32, creating path: String) -> String {
        let parent = FilePath.parent(path)
        guard code == ENOENT, !PrivateFile.exists(FilePath.join(parent, ".")) else {
            return String(cString: strerror(code))
        }
        return "there is no folder '\(parent)'; make it: mkdir -p \(FilePath.shellWord(parent))"
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("write", path)
            }
            offset += count
        }
    }

    private static func readAll(
        _ descriptor: Int32, path: String, maximumByteCount: Int
    ) throws(FileError) -> [UInt8] {
        let chunkByteCount = 65_536
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkByteCount)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunkByteCount)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("read", path)
            }
            bytes += chunk[..<count]
            guard bytes.count <= maximumByteCount else {
                throw FileError(.unfit, "'\(path)' is too large for a key file")
            }
        }
    }

    /// Makes the content of `path` last through a power loss.
    package static func sync(_ path: String) throws(FileError) {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw systemError("save", path) }
        try syncFolder(of: path)
    }

    /// Makes a creation or renaming in the folder of `path` last through a power loss.
    private static func syncFolder(of path: String) throws(FileError) {
        let parent = FilePath.parent(path)
        let folder = parent.isEmpty ? "." : parent
        let descriptor = FilePath.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("open folder", folder) }
        defer { close(descriptor) }
        // Some network file systems refuse to sync folders; the file itself is saved already.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw systemError("save folder", folder) }
    }
}
