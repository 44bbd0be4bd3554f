import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What a file cannot do": what a long file took is given back before the next one.
@Suite struct BatchMemoryTests {
    /// Hours of a long file, most of it a hole: its features take 40 MB.
    private static let hours = 4
    /// What the process may have more than before the long file: caches, and pages that are half in use; megabytes.
    private static let allowance = 10.0

    /// A second of sound and a hole of hours, `more` samples longer than another such file.
    private static func addLong(_ name: String, more: Int, to batch: BatchPlace) throws {
        try batch.write(Media.wav([[Float](repeating: 0.1, count: 8_000)], rate: 8_000), to: name)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: batch.place.file(name)))
        let size = (hours * 3_600 * 8_000 + more) * 2
        for (place, value) in [(4, size + 36), (40, size)] {
            try handle.seek(toOffset: UInt64(place))
            try handle.write(contentsOf: withUnsafeBytes(of: UInt32(value).littleEndian) { Data($0) })
        }
        try handle.truncate(atOffset: UInt64(44 + size))
        try handle.close()
    }

    /// The first one makes glibc keep blocks of its size when they are freed, and the second one leaves such.
    @Test func longFilesLeaveNothingBehind() throws {
        let batch = try BatchPlace()
        try batch.add("in/a.wav", seed: 1, seconds: 120)
        try batch.add("in/c.wav", seed: 2, seconds: 600)
        for (more, name) in ["in/b.wav", "in/bb.wav"].enumerated() { try Self.addLong(name, more: more, to: batch) }
        let process = try batch.start(effort: "fast")
        var sizes: [String: [Double]] = [:]
        while process.isRunning {
            if let file = try batch.inHand(), let child = try batch.children(of: process.processIdentifier).first,
                let size = Self.megabytes(of: child)
            {
                sizes[file, default: []].append(size)
            }
            usleep(2_000)
        }
        #expect(process.terminationStatus == 0)
        let before = try #require(sizes["in/a.wav"]?.max())
        for name in ["in/b.wav", "in/bb.wav"] {
            #expect(try #require(sizes[name]?.max()) > before + 2 * Self.allowance, "a long file takes much")
        }
        let after = try #require(sizes["in/c.wav"]?.min())
        #expect(after < before + Self.allowance, "\(after) MB, before the long files \(before)")
    }

    /// What a process has for itself; nil if it has ended.
    private static func megabytes(of process: pid_t) -> Double? {
        let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line.flatMap { Double($0.filter(\.isNumber)) }.map { $0 / 1_000 }
    }
}
