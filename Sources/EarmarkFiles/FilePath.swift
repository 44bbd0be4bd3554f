package import Glibc

/// Paths as this program keeps, shows and stores them, whatever bytes they are made of.
///
/// A path on Linux is any bytes but NUL; text holds Unicode only. Bytes that are no UTF-8 stand in the text as `\xHH`,
/// two capital hexadecimal digits; so that every text means one path, a backslash that would begin such a sequence by
/// itself is written `\x5C`. All else stands as it is. Every file is opened through this type.
package enum FilePath {
    // MARK: Bytes and text

    /// The text for the path of these bytes.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        var rest = Array(bytes)[...]
        var text: [UInt8] = []
        text.reserveCapacity(rest.count)
        while let byte = rest.first {
            let length = wellFormedPrefix(rest)
            if length == 0 || (byte == backslash && escape(rest) != nil) {
                text += escaped(byte)
                rest = rest.dropFirst()
            } else {
                text += rest.prefix(length)
                rest = rest.dropFirst(length)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `bytes` with what `replacement` makes of each byte that is no UTF-8.
    package static func replacingIllFormed(_ bytes: ArraySlice<UInt8>, by replacement: (UInt8) -> String) -> [UInt8] {
        var rest = bytes
        var result: [UInt8] = []
        while let byte = rest.first {
            let length = wellFormedPrefix(rest)
            result += length > 0 ? Array(rest.prefix(length)) : Array(replacement(byte).utf8)
            rest = rest.dropFirst(max(1, length))
        }
        return result
    }

    /// The bytes of the path that `text` stands for.
    package static func bytes(_ text: String) -> [UInt8] {
        var rest = Array(text.utf8)[...]
        guard rest.contains(backslash) else { return Array(rest) }
        var bytes: [UInt8] = []
        while let byte = rest.first {
            let value = escape(rest)
            bytes.append(value ?? byte)
            rest = rest.dropFirst(value == nil ? 1 : escapeLength)
        }
        return bytes
    }

    /// Calls `body` with the path as the system takes it; with an empty one, which names nothing, if it holds NUL: it
    /// would be cut there and name another file.
    package static func withCString<Result>(
        _ path: String, _ body: (UnsafePointer<CChar>) throws -> Result
    ) rethrows -> Result {
        let bytes = bytes(path)
        let characters = (bytes.contains(0) ? [0] : bytes + [0]).map { CChar(bitPattern: $0) }
        return try body(characters)
    }

    private static let backslash = UInt8(ascii: "\\")
    /// Bytes of `\xHH`.
    private static let escapeLength = 4

    /// The byte that the `\xHH` at the beginning of `bytes` stands for; nil if there is none.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> UInt8? {
        let head = Array(bytes.prefix(escapeLength))
        guard head.count == escapeLength, head[0] == backslash, head[1] == UInt8(ascii: "x") else { return nil }
        guard let high = digit(head[2]), let low = digit(head[3]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [backslash, UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Bytes of the well-formed character at the beginning of `bytes`; 0 if there is none.
    private static func wellFormedPrefix(_ bytes: ArraySlice<UInt8>) -> Int {
        guard let first = bytes.first else { return 0 }
        let length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
        guard length > 1 else { return length }
        return String(validating: bytes.prefix(length), as: UTF8.self)?.unicodeScalars.count == 1 ? length : 0
    }

    // MARK: Parts

    private static let slash = UInt8(ascii: "/")

    /// The last part of a path, without slashes at its end; `/` of the root, nothing of an empty path.
    package static func lastPart(_ path: String) -> String {
        let parts = path.utf8.split(separator: slash)
        return parts.last.map { String(Substring($0)) } ?? (path.isEmpty ? "" : "/")
    }

    /// What stands before the last part, without slashes at its end; nothing of a path of one part, `/` above the root.
    package static func parent(_ path: String) -> String {
        let parts = path.utf8.split(separator: slash)
        guard let last = parts.last, path.utf8.first != slash || parts.count > 1 else {
            return path.utf8.first == slash ? "/" : ""
        }
        let before = path.utf8[..<last.startIndex]
        guard let end = before.lastIndex(where: { $0 != slash }) else { return "" }
        return String(Substring(before[...end]))
    }

    /// `name` in `folder`; `name` itself if no folder is named.
    package static func join(_ folder: String, _ name: String) -> String {
        if folder.isEmpty { return name }
        return folder.utf8.last == slash ? folder + name : folder + "/" + name
    }

    /// What follows the last dot of the last part, in lower case; nothing if only what begins the name stands before.
    package static func ending(_ path: String) -> String {
        let name = lastPart(path)
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return "" }
        return String(name[name.utf8.index(after: dot)...]).lowercased()
    }

    /// `path` without its last part's ending and that one's dot.
    package static func withoutEnding(_ path: String) -> String {
        let name = lastPart(path)
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return path }
        return join(parent(path), String(name[..<dot]))
    }

    // MARK: What lies there

    /// What `stat` says of the file that a path leads to; nil with `errno` if there is none.
    package static func status(_ path: String) -> stat? {
        var status = stat()
        return withCString(path) { stat($0, &status) } == 0 ? status : nil
    }

    /// Size of what lies at a path, bytes; nil if there is nothing.
    package static func byteCount(_ path: String) -> Int? { status(path).map { Int($0.st_size) } }

    /// Whether a plain file lies at a path that others than its owner may read.
    package static func isReadableByOthers(_ path: String) -> Bool {
        guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return false }
        return status.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    /// What `lstat` says of the entry at a path, be it a link; nil with `errno` if there is none.
    package static func entryStatus(_ path: String) -> stat? {
        var status = stat()
        return withCString(path) { lstat($0, &status) } == 0 ? status : nil
    }

    /// Whether a plain file lies at a path that this process may read.
    package static func isReadable(_ path: String) -> Bool {
        guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return false }
        return withCString(path) { access($0, R_OK) } == 0
    }

    /// Whether a file cannot be opened for a reason that another try does not change: rights, or a name that is none.
    package static func isBarred(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return [EACCES, EPERM, ELOOP, ENOTDIR, ENAMETOOLONG].contains(errno)
    }

    /// Whether a path leads to a folder.
    package static func isFolder(_ path: String) -> Bool {
        status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// Opens the file at a path; minus one with `errno` on failure.
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
        withCString(path) { Glibc.open($0, flags, mode) }
    }

    /// Removes the file at a path; whether it did.
    @discardableResult package static func remove(_ path: String) -> Bool { withCString(path) { unlink($0) } == 0 }

    /// `path` without links and dots, as far as it is there; for comparison.
    package static func canonical(_ path: String) -> String {
        if let resolved = withCString(path, { realpath($0, nil) }) {
            defer { free(resolved) }
            return text(bytes(at: resolved))
        }
        let folder = parent(path)
        guard !path.isEmpty, folder != path else { return path }
        return join(canonical(folder.isEmpty ? "." : folder), lastPart(path))
    }

    /// Names of all entries of a folder but `.` and `..`, sorted by their bytes.
    package static func entries(_ folder: String) throws(FileError) -> [String] {
        guard let stream = withCString(folder, { opendir($0) }) else {
            throw PrivateFile.systemError("read folder", folder)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { bytes(at: $0) }
            }
            if name != [UInt8(ascii: ".")] && name != Array("..".utf8) { names.append(text(name)) }
            errno = 0
        }
        guard errno == 0 else { throw PrivateFile.systemError("read folder", folder) }
        return names.sorted(by: precedes)
    }

    /// By bytes: the same order on every machine, whatever its language.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Makes a folder with all above it.
    package static func makeFolders(_ path: String, mode: mode_t) throws(FileError) {
        guard !path.isEmpty, !isFolder(path) else { return }
        try makeFolders(parent(path), mode: mode)
        guard withCString(path, { mkdir($0, mode) }) != 0 else { return }
        let reason = errno
        guard !isFolder(path) else { return }
        guard reason != EEXIST else {
            throw FileError(.inputOutput, "cannot create folder '\(path)': there is a file of that name")
        }
        errno = reason
        throw PrivateFile.systemError("create folder", path)
    }

    static func bytes(at pointer: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
    }
}
