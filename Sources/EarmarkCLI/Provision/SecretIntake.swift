import EarmarkProvisioning
import Foundation

/// Where a secret comes from.
///
/// Never an argument, which every user of the machine can read in the list of processes.
enum SecretOrigin {
    /// A file, `-` being standard input; its bytes as they are.
    case file(String)
    /// An environment variable.
    case environment(String)
    /// A question at the terminal, without echo; twice for a secret that is new.
    case prompt(String, isNew: Bool)
}

/// Brings secrets in, into memory that is wiped later.
enum SecretIntake {
    /// Longest secret, in bytes: beyond any that a person or program would choose.
    static let maximumByteCount = 64 << 10

    /// The secret from `origin`.
    ///
    /// From here on the process cannot be dumped.
    static func read(_ origin: SecretOrigin) throws(CommandError) -> ClientSecret {
        HostProcess.forbidDumps()
        switch origin {
        case .file(let path): return ClientSecret(try ByteInput.read(path, maximumByteCount: maximumByteCount))
        case .environment(let name): return ClientSecret(try variable(name))
        case .prompt(let text, let isNew):
            let first = try SecretPrompt.ask(text)
            if isNew {
                let second = try SecretPrompt.ask("\(text), again")
                guard first == second else { throw CommandError(.invalidInput, "the two entries differ") }
            }
            return ClientSecret(first)
        }
    }

    /// The value of an environment variable, which is then wiped where it lies, so that `/proc` does not show it.
    private static func variable(_ name: String) throws(CommandError) -> SecretBytes {
        guard let value = getenv(name) else {
            throw CommandError(.unknown, "there is no environment variable '\(name)'")
        }
        let count = strlen(value)
        guard count <= maximumByteCount else {
            throw CommandError(
                .invalidInput, "the environment variable '\(name)' is longer than \(maximumByteCount) bytes")
        }
        let secret = SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: count))
        explicit_bzero(value, count)
        unsetenv(name)
        return secret
    }
}

/// Reads files and standard input into memory that is wiped later.
enum ByteInput {
    /// The name that stands for standard input.
    static let standardInput = "-"
    private static let firstByteCount = 4 << 10

    /// The content of the file at `path`, or of standard input for `-`.
    static func read(_ path: String, maximumByteCount: Int) throws(CommandError) -> SecretBytes {
        guard path != standardInput else {
            return try read(STDIN_FILENO, "standard input", maximumByteCount: maximumByteCount)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw CommandError(.unknown, "there is no file '\(path)'") }
            throw failure(path)
        }
        defer { close(descriptor) }
        return try read(descriptor, "'\(path)'", maximumByteCount: maximumByteCount)
    }

    private static func read(
        _ descriptor: Int32, _ name: String, maximumByteCount: Int
    ) throws(CommandError) -> SecretBytes {
        var buffer = SecretBuffer(capacity: firstByteCount)
        while true {
            guard buffer.count <= maximumByteCount else {
                throw CommandError(.invalidInput, "\(name) is longer than \(maximumByteCount) bytes")
            }
            let count = buffer.append { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return buffer.content }
            guard count > 0 || errno == EINTR else { throw failure(name) }
        }
    }

    private static func failure(_ name: String) -> CommandError {
        CommandError(.inputOutput, "cannot read \(name): \(String(cString: strerror(errno)))")
    }
}

/// Memory that grows and leaves no copies of what it held.
struct SecretBuffer: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) { memory = .allocate(byteCount: capacity, alignment: 16) }

    deinit {
        wipe()
        memory.deallocate()
    }

    private func wipe() {
        if let base = memory.baseAddress { explicit_bzero(base, memory.count) }
    }

    /// What was appended, copied.
    var content: SecretBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: memory[..<count])) }

    /// Lets `write` fill free memory.
    ///
    /// - Returns: what `write` returns: how many bytes it wrote, or a negative number if it failed.
    mutating func append(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        if count == memory.count { grow() }
        let written = write(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        count += max(written, 0)
        return written
    }

    /// Takes back the last `number` bytes.
    mutating func removeLast(_ number: Int) { count -= min(number, count) }

    /// The last byte.
    var last: UInt8? { count > 0 ? memory[count - 1] : nil }

    private mutating func grow() {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        wipe()
        memory.deallocate()
        memory = larger
    }
}
