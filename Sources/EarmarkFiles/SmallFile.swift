import Foundation

/// Reads files that must be small.
package enum SmallFile {
    /// The content of the file at `path`.
    ///
    /// - Throws: `missing` if there is no file, `tooLarge` if it is larger than `maximumByteCount`.
    package static func read(_ path: String, maximumByteCount: Int) throws(FileError) -> [UInt8] {
        let content: Data?
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            content = try handle.read(upToCount: maximumByteCount + 1)
        } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            throw FileError(.missing, "there is no file '\(path)'")
        } catch {
            throw FileError(.inputOutput, "cannot read '\(path)': \(error.localizedDescription)")
        }
        let bytes = [UInt8](content ?? Data())
        guard bytes.count <= maximumByteCount else {
            throw FileError(.tooLarge, "'\(path)' is larger than \(maximumByteCount) bytes")
        }
        return bytes
    }
}
