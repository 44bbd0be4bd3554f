import EarmarkFiles
import Foundation

/// Reads files and standard input into memory that is wiped later.
package enum ByteInput {
    /// The name that stands for standard input.
    package static let standardInput = "-"
    private static let firstByteCount = 4 << 10

    /// The content of the file at `path`, or of standard input for `-`.
    package static func read(_ path: String, maximumByteCount: Int) throws(IntakeError) -> SecretBytes {
        guard path != standardInput else {
            return try read(STDIN_FILENO, "standard input", maximumByteCount: maximumByteCount)
        }
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw IntakeError(.missing, "there is no file '\(path)'") }
            throw failure(path)
        }
        defer { close(descriptor) }
        return try read(descriptor, "'\(path)'", maximumByteCount: maximumByteCount)
    }

    private static func read(
        _ descriptor: Int32, _ name: String, maximumByteCount: Int
    ) throws(IntakeError) -> SecretBytes {
        var buffer = SecretBuffer(capacity: firstByteCount)
        while true {
            guard buffer.count <= maximumByteCount else {
                throw IntakeError(.invalid, "\(name) is longer than \(maximumByteCount) bytes")
            }
            let count = buffer.append { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return buffer.content }
            guard count > 0 || errno == EINTR else { throw failure(name) }
        }
    }

    private static func failure(_ name: String) -> IntakeError {
        IntakeError(.inputOutput, "cannot read \(name): \(String(cString: strerror(errno)))")
    }
}
