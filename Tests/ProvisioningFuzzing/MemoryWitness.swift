import EarmarkProvisioning
import Foundation

/// Works with a secret and then shows all of its memory, for a script to search.
package enum MemoryWitness {
    /// Seals or opens, and writes the process's memory to `dump`.
    ///
    /// - Returns: the exit status.
    package static func run(_ verb: String, secret: String, envelope: String, dump: String) -> Int32 {
        do {
            try work(verb, secret: secret, envelope: envelope)
            try write(to: dump)
            return 0
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            return 1
        }
    }

    /// Everything that holds the secret ends with this function.
    @inline(never)
    private static func work(_ verb: String, secret path: String, envelope: String) throws {
        let secret = ClientSecret(try read(path))
        if verb == "seal" {
            let text = try Envelope.seal(action: .populate, payload: SecretBytes("a payload".utf8), secret: secret)
            _ = DeviceCommand.firstUse(secret)
            try Data(text.utf8).write(to: URL(fileURLWithPath: envelope))
        } else {
            _ = try Envelope.open(
                String(decoding: try Data(contentsOf: URL(fileURLWithPath: envelope)), as: UTF8.self), secret: secret)
        }
    }

    /// As the command line reads secrets: into memory that is wiped.
    private static func read(_ path: String) throws -> SecretBytes {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw CocoaError(.fileReadNoSuchFile) }
        defer { close(descriptor) }
        let capacity = 4_096
        var count = 0
        let bytes = SecretBytes(count: capacity) { count = Foundation.read(descriptor, $0.baseAddress, capacity) }
        return bytes.slice(0..<max(count, 0))
    }

    /// Copies all memory that the process can read, heap, stacks and data alike.
    private static func write(to path: String) throws {
        let maps = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/self/maps")), as: UTF8.self)
        let memory = open("/proc/self/mem", O_RDONLY)
        let dump = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard memory >= 0, dump >= 0 else { throw CocoaError(.fileReadNoPermission) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            // Memory that only this process writes; files that are mapped for reading hold nothing of ours.
            guard bounds.count == 2, words[1].hasPrefix("rw") else { continue }
            var address = bounds[0]
            while address < bounds[1] {
                let wanted = Int(min(UInt64(chunk.count), bounds[1] - address))
                let count = pread(memory, chunk.baseAddress, wanted, off_t(Int(bitPattern: UInt(address))))
                guard count > 0 else { break }
                guard Foundation.write(dump, chunk.baseAddress, count) == count else {
                    throw CocoaError(.fileWriteOutOfSpace)
                }
                address += UInt64(count)
            }
        }
    }
}
