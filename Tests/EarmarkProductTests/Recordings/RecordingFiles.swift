import EarmarkTestSupport
import Foundation
import ProgramSupport

/// Recordings made from those of `Board`, and what other programs know of them.
enum RecordingFiles {
    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// Writes `bytes` to `name` in the folder of `place`; the path.
    @discardableResult static func write(_ bytes: [UInt8], to name: String, in place: Workplace) throws -> String {
        let path = place.file(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The samples of a WAV file of 16 bits that `Media.wav` or the program wrote, full scale ±1, mono.
    static func samples(_ path: String) throws -> [Float] {
        let content = try bytes(path)
        guard let data = content.firstRange(of: Array("data".utf8))?.upperBound else {
            throw ProcessRunner.Failure(description: "\(path) has no samples")
        }
        let body = content[(data + 4)...]
        return stride(from: body.startIndex, to: body.endIndex - 1, by: 2).map { place in
            Float(Int16(bitPattern: UInt16(body[place]) | UInt16(body[place + 1]) << 8)) / 32_768
        }
    }

    /// Where the packets of the first audio track of `path` lie, by `ffprobe`.
    static func packets(_ path: String) throws -> [Range<Int>] {
        let text = try output([
            "ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0",
            path,
        ])
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ",").compactMap { Int($0) }
            return fields.count == 2 ? fields[1]..<fields[1] + fields[0] : nil
        }
    }

    /// The SHA-256 of a file, by `sha256sum`.
    static func sha256(_ path: String) throws -> String { String(try output(["sha256sum", path]).prefix(64)) }

    /// A hole of `size` bytes behind `head`: a file that takes no room.
    static func sparse(_ head: String, size: UInt64, to name: String, in place: Workplace) throws -> String {
        let path = try write(Array(head.utf8), to: name, in: place)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: size)
        try handle.close()
        return path
    }

    private static func output(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProcessRunner.Failure(description: "\(command): \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
