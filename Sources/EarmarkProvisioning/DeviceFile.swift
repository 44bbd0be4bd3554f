import EarmarkFiles
import Foundation

/// Files of simulated devices: what they remember, and what is pasted at them.
package enum DeviceFile {
    /// Longest text for a device, in bytes: a few of the longest envelopes.
    private static let maximumByteCount = 32 << 20

    /// The lines in the file at `path`, or of standard input for `-`, without their line ends.
    package static func lines(_ path: String) throws(IntakeError) -> [SecretBytes] {
        try ByteInput.read(path, maximumByteCount: maximumByteCount).withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).map { line in
                let end = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
                return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: end))
            }
        }
    }

    /// The device that the file at `path` remembers; a new one if there is no file.
    package static func read(_ path: String) throws(IntakeError) -> DeviceSimulator {
        guard PrivateFile.exists(path) else { return DeviceSimulator() }
        let text = try ByteInput.read(path, maximumByteCount: maximumByteCount)
        do {
            return try text.withUnsafeBytes {
                try JSONDecoder().decode(DeviceState.self, from: Data($0)).device()
            }
        } catch {
            throw IntakeError(.invalid, "'\(path)' is not the state of a simulated device")
        }
    }

    /// Writes what `device` remembers, its secret and keys too, with mode 0600.
    package static func write(_ device: DeviceSimulator, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try PrivateFile.replace(path, bytes: [UInt8](try encoder.encode(DeviceState(device))))
    }
}
