import Foundation

/// Bytes as zlib packs them.
public enum Packed {
    /// Why nothing was packed.
    public struct Failure: Error {}

    /// `content` in zlib's format (RFC 1950), its blocks by `gzip` at `level`, 1 to 9.
    public static func zlib(_ content: [UInt8], level: Int = 9) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-nc\(level)"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let writer = Thread {
            input.fileHandleForWriting.write(Data(content))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let packed = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        // Ten bytes of head, and sum and length behind.
        guard process.terminationStatus == 0, packed.count >= 18 else { throw Failure() }
        return [0x78, 0xDA] + packed[10..<packed.count - 8] + adler(content)
    }

    private static func adler(_ content: [UInt8]) -> [UInt8] {
        var (first, second) = (1, 0)
        for byte in content {
            first = (first + Int(byte)) % 65_521
            second = (second + first) % 65_521
        }
        return [second >> 8, second & 255, first >> 8, first & 255].map { UInt8($0) }
    }
}
