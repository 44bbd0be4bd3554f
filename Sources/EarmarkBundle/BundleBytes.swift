import EarmarkMark
import Foundation

/// Writes the binary form of a bundle's meetings: big-endian numbers, texts with a length byte before them.
struct BundleWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: UInt8) { bytes.append(number) }

    mutating func add(_ number: UInt32) {
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func add(_ number: Int64) {
        let pattern = UInt64(bitPattern: number)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: pattern >> shift))
        }
    }

    mutating func add(_ text: String) {
        let utf8 = Array(text.utf8.prefix(Int(UInt8.max)))
        bytes.append(UInt8(utf8.count))
        bytes += utf8
    }

    mutating func add(_ seed: Seed) { bytes += seed.bytes }

    /// A block with its length before it.
    mutating func add(block: [UInt8]) {
        add(UInt32(block.count))
        bytes += block
    }
}

/// Reads the same; every length is checked before it is believed.
struct BundleReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }
    /// What was not read yet.
    var rest: ArraySlice<UInt8> { bytes[position...] }

    mutating func take(_ count: Int) throws(BundleError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.endIndex - position else {
            throw BundleError(.malformed, "the bundle ends within a value: it is damaged")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func byte() throws(BundleError) -> UInt8 {
        let slice = try take(1)
        return slice[slice.startIndex]
    }

    mutating func count() throws(BundleError) -> Int {
        Int(try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }

    mutating func number() throws(BundleError) -> Int64 {
        Int64(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    mutating func text() throws(BundleError) -> String {
        let count = Int(try byte())
        return String(decoding: try take(count), as: UTF8.self)
    }

    mutating func seed() throws(BundleError) -> Seed {
        guard let seed = Seed(bytes: Array(try take(Seed.byteCount))) else {
            throw BundleError(.malformed, "the bundle holds a seed of wrong length: it is damaged")
        }
        return seed
    }

    mutating func block() throws(BundleError) -> ArraySlice<UInt8> { try take(try count()) }
}
