import EarmarkFiles

/// Reads envelopes from files.
package enum EnvelopeFile {
    /// How names of envelope files end.
    static let suffix = ".jwe"
    /// A little more than the longest envelope, so that a longer one is called too large by the reader of envelopes.
    private static let maximumByteCount = (8 << 20) + 4_096

    /// The text in a file, or from standard input for `-`, without the white space around it.
    package static func read(_ path: String) throws(IntakeError) -> String {
        let bytes = try ByteInput.read(path, maximumByteCount: maximumByteCount)
        return bytes.withUnsafeBytes { bytes in
            let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
            let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
            let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
            // What is no UTF-8 becomes a character that no envelope has.
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }

    /// Files as they are, folders as the envelopes in them: by the device's name, and for each in the order in which a
    /// device takes them.
    ///
    /// - Throws: `IntakeError` `missing` if a folder holds none.
    package static func expand(_ paths: [String]) throws -> [String] {
        var files: [String] = []
        for path in paths {
            guard FilePath.isFolder(path) else {
                files.append(path)
                continue
            }
            let inside = try FilePath.entries(path).filter { $0.hasSuffix(suffix) }
            guard !inside.isEmpty else {
                throw IntakeError(.missing, "the folder '\(path)' holds no *\(suffix)")
            }
            files += inside.sorted { place($0) < place($1) }.map { FilePath.join(path, $0) }
        }
        return files
    }

    /// The device's name, what comes before what, and the file's name, by which envelopes of a batch are ordered:
    /// `NAME.ACTION.jwe`.
    private static func place(_ file: String) -> (String, Int, String) {
        let stem = String(file.dropLast(suffix.count))
        let parts = stem.split(separator: ".", omittingEmptySubsequences: false)
        let rank = parts.last.flatMap { last in ProvisioningAction.allCases.firstIndex { $0.rawValue == last } }
        guard let rank else { return (stem, 0, file) }
        return (parts.dropLast().joined(separator: "."), rank, file)
    }
}
