public import Foundation

/// Recordings for the tests.
public enum Media {
    /// Bytes of a WAV file: `channels` of equal length, 16 bits.
    public static func wav(_ channels: [[Float]], rate: Int) -> Data {
        let frames = channels.first?.count ?? 0
        var data = Data()
        func add(_ text: String) { data += Data(text.utf8) }
        func add(_ value: Int, _ size: Int) {
            for byte in 0..<size { data.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
        }
        let frameBytes = 2 * channels.count
        add("RIFF")
        add(36 + frameBytes * frames, 4)
        add("WAVEfmt ")
        for (value, size) in [
            (16, 4), (1, 2), (channels.count, 2), (rate, 4), (rate * frameBytes, 4), (frameBytes, 2), (16, 2),
        ] { add(value, size) }
        add("data")
        add(frameBytes * frames, 4)
        var samples = [Int16](repeating: 0, count: frames * channels.count)
        for (channel, values) in channels.enumerated() {
            for (frame, value) in values.enumerated() {
                samples[frame * channels.count + channel] = Int16(max(-32_768, min(32_767, (value * 32_768).rounded())))
            }
        }
        samples.withUnsafeBytes { data.append(contentsOf: $0) }
        return data
    }

    /// Runs `ffmpeg` with the output `path`, which it returns.
    @discardableResult public static func ffmpeg(_ arguments: [String], to path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments + [path]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProcessRunner.Failure(description: "ffmpeg \(arguments) \(path): \(process.terminationStatus)")
        }
        return path
    }
}
