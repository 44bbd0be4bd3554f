import Foundation

/// Bytes that nobody else shall see: wiped when the last reference to them goes, and shown by no description.
///
/// Safe to share between threads, since nothing changes them.
public final class SecretBytes: Sendable {
    // Written by initialisers only, before anybody else holds the object.
    nonisolated(unsafe) private let memory: UnsafeMutableRawBufferPointer

    /// Number of bytes.
    public var count: Int { memory.count }
    /// Whether there are none.
    public var isEmpty: Bool { memory.isEmpty }

    /// Copies `bytes`; the caller wipes the original, where there is one.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Copies `bytes`, for values that are no secret elsewhere, such as those in tests.
    public convenience init(_ bytes: some Sequence<UInt8>) {
        var copy = Array(bytes)
        defer { SecretBytes.wipe(&copy) }
        self.init(count: copy.count) { memory in copy.withUnsafeBytes { memory.copyMemory(from: $0) } }
    }

    /// Makes room for `count` bytes, zero at first, that `fill` writes.
    public init(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        // Never empty, so that the address is never nil.
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        whole.initializeMemory(as: UInt8.self, repeating: 0)
        memory = UnsafeMutableRawBufferPointer(rebasing: whole[..<count])
        try fill(memory)
    }

    deinit {
        SecretBytes.wipe(memory)
        memory.deallocate()
    }

    /// Lends the bytes to `body`, which must neither keep the pointer nor copy what it points to.
    public func withUnsafeBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(UnsafeRawBufferPointer(memory))
    }

    /// The bytes that follow the first `start` and precede the `end`th, copied.
    public func slice(_ range: Range<Int>) -> SecretBytes {
        SecretBytes(copying: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[range]))
    }

    /// Overwrites `memory` in a way that compilers keep.
    static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { return }
        explicit_bzero(base, memory.count)
    }

    /// Overwrites the storage of `bytes` if nobody else refers to it.
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { wipe($0) }
        bytes.removeAll()
    }

    /// Overwrites the storage of `data` if nobody else refers to it.
    static func wipe(_ data: inout Data) {
        data.withUnsafeMutableBytes { wipe($0) }
        data = Data()
    }
}

extension SecretBytes: Equatable {
    /// Compares in a time that depends on the lengths only.
    public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<left.count { difference |= left.memory[index] ^ right.memory[index] }
        return difference == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says that there are secret bytes, not which nor how many.
    public var description: String { "(secret)" }
    /// The same.
    public var debugDescription: String { description }
    /// Has no children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
