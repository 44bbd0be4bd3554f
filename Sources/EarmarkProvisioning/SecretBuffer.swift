import Foundation

/// Memory that grows and leaves no copies of what it held.
package struct SecretBuffer: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    /// Bytes that were appended.
    package private(set) var count = 0

    /// Memory for `capacity` bytes at first.
    package init(capacity: Int) { memory = .allocate(byteCount: capacity, alignment: 16) }

    deinit {
        SecretBytes.wipe(memory)
        memory.deallocate()
    }

    /// What was appended, copied.
    package var content: SecretBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: memory[..<count])) }

    /// Lets `write` fill free memory.
    ///
    /// - Returns: what `write` returns: how many bytes it wrote, or a negative number if it failed.
    package mutating func append(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        if count == memory.count { grow() }
        let written = write(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        count += max(written, 0)
        return written
    }

    /// Takes back the last `number` bytes.
    package mutating func removeLast(_ number: Int) { count -= min(number, count) }

    /// The last byte.
    package var last: UInt8? { count > 0 ? memory[count - 1] : nil }

    private mutating func grow() {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        SecretBytes.wipe(memory)
        memory.deallocate()
        memory = larger
    }
}
