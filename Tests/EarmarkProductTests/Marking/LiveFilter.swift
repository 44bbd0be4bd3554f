import Foundation
import ProgramSupport

#if canImport(Glibc)
    import Glibc
#endif

/// `earmark filter` with both ends of its stream in hand.
final class LiveFilter {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()

    /// `source`: what is read in place of what is written here.
    init(_ arguments: [String], folder: TemporaryFolder, source: FileHandle? = nil) throws {
        process.executableURL = try ProcessRunner.executable
        process.arguments = ["filter"] + arguments
        process.currentDirectoryURL = folder.url
        process.environment = folder.environment
        process.standardInput = source.map { $0 as Any } ?? input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    func write(_ data: Data) throws { try input.fileHandleForWriting.write(contentsOf: data) }

    /// The next `count` bytes; fewer if the stream ends or nothing comes for ten seconds.
    func read(_ count: Int) -> Data {
        var data = Data()
        let descriptor = output.fileHandleForReading.fileDescriptor
        while data.count < count {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 10_000) > 0 else { break }
            var buffer = [UInt8](repeating: 0, count: count - data.count)
            let got = Glibc.read(descriptor, &buffer, buffer.count)
            if got <= 0 { break }
            data += buffer[..<got]
        }
        return data
    }

    func terminate() { process.terminate() }
    func interrupt() { process.interrupt() }
    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Nobody reads any more.
    func hangUp() throws { try output.fileHandleForReading.close() }

    /// Ends the input, if it is open still; the exit status and all that was said.
    func end(closing: Bool = true) throws -> (status: Int32, errors: String) {
        if closing { try input.fileHandleForWriting.close() }
        process.end(within: 120)
        let data = errors.fileHandleForReading.readDataToEndOfFile()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, String(decoding: data, as: UTF8.self))
    }
}
