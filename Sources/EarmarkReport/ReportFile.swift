public import EarmarkFiles

/// Writes a report and its signature: both, or neither.
public enum ReportFile {
    /// Creates the file at `path` with mode 0600, after its signature in a file beside it; nil signs nothing.
    ///
    /// - Throws: `FileError` if either exists or cannot be written; then neither is left.
    public static func create(
        _ path: String, bytes: [UInt8], signature: (path: String, bytes: [UInt8])?
    ) throws(FileError) {
        // The signature first: whenever this ends, no report stands there without one.
        if let signature { try PrivateFile.create(signature.path, bytes: signature.bytes) }
        do {
            try PrivateFile.create(path, bytes: bytes)
        } catch {
            if let signature { PrivateFile.remove(signature.path) }
            throw error
        }
    }
}
