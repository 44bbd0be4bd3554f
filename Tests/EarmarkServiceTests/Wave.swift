import Foundation

/// Bytes of WAV files.
enum Wave {
    /// A mono file of 16 bits.
    static func mono(_ samples: [Float], rate: Int) -> Data {
        var data = Data("RIFF".utf8)
        func add(_ value: Int, _ size: Int) {
            for byte in 0..<size { data.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
        }
        add(36 + 2 * samples.count, 4)
        data += Data("WAVEfmt ".utf8)
        for (value, size) in [(16, 4), (1, 2), (1, 2), (rate, 4), (2 * rate, 4), (2, 2), (16, 2)] { add(value, size) }
        data += Data("data".utf8)
        add(2 * samples.count, 4)
        let words = samples.map { Int16(max(-32_768, min(32_767, ($0 * 32_768).rounded()))) }
        words.withUnsafeBytes { data.append(contentsOf: $0) }
        return data
    }
}
