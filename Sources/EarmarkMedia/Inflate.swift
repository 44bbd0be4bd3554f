/// Unpacks what zlib packed (RFC 1950, 1951), within a bound: a few bytes may stand for gigabytes.
struct Inflate {
    private let input: [UInt8]
    private var position: Int
    /// Bits that were taken from the input and not used yet, the next one lowest.
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0
    private var output: [UInt8] = []
    private let limit: Int

    /// The content of `packed`; nil if it is damaged, or has more than `limit` bytes.
    static func unpack(_ packed: [UInt8], atMost limit: Int) -> [UInt8]? {
        guard let head = packed.bigEndian16(at: 0), head >> 8 & 15 == 8, head >> 12 <= 7, head % 31 == 0,
            head & 0x20 == 0
        else { return nil }
        var run = Inflate(packed, from: 2, limit: limit)
        guard run.readBlocks(), let sum = packed.bigEndian32(at: run.position), sum == adler(run.output) else {
            return nil
        }
        return run.output
    }

    private init(_ input: [UInt8], from position: Int, limit: Int) {
        self.input = input
        self.position = position
        self.limit = limit
    }

    /// The sum at the end of what zlib packed (RFC 1950, section 8.2).
    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        let prime: UInt32 = 65_521
        // As many bytes as the sums hold without a remainder being taken.
        let stretch = 5_552
        var (first, second): (UInt32, UInt32) = (1, 0)
        for start in stride(from: 0, to: bytes.count, by: stretch) {
            for byte in bytes[start..<min(bytes.count, start + stretch)] {
                first += UInt32(byte)
                second += first
            }
            first %= prime
            second %= prime
        }
        return second << 16 | first
    }

    private mutating func readBlocks() -> Bool {
        var isLast = false
        while !isLast {
            guard let head = take(3) else { return false }
            isLast = head & 1 == 1
            let isRead =
                switch head >> 1 {
                case 0: copyStored()
                case 1: readBlock(Inflate.fixed.lengths, Inflate.fixed.distances)
                case 2: readCodedBlock()
                default: false
                }
            guard isRead else { return false }
        }
        // Whole bytes that were taken in advance belong to what follows.
        position -= Int(bitCount / 8)
        return true
    }

    // MARK: Bits

    /// The next `count` bits, at most 16, the first one lowest; nil where the input ends.
    private mutating func take(_ count: UInt32) -> Int? {
        while bitCount < count {
            guard position < input.count else { return nil }
            bits |= UInt32(input[position]) << bitCount
            bitCount += 8
            position += 1
        }
        let value = bits & (1 << count - 1)
        bits >>= count
        bitCount -= count
        return Int(value)
    }

    /// The next symbol by `code`.
    private mutating func symbol(_ code: Code) -> Int? {
        var (value, first, index) = (0, 0, 0)
        for length in 1..<code.counts.count {
            guard let bit = take(1) else { return nil }
            value |= bit
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        return nil
    }

    // MARK: Blocks

    private mutating func copyStored() -> Bool {
        position -= Int(bitCount / 8)
        (bits, bitCount) = (0, 0)
        guard let count = input.littleEndian16(at: position), let check = input.littleEndian16(at: position + 2),
            check == ~count, output.count + Int(count) <= limit, position + 4 + Int(count) <= input.count
        else { return false }
        output += input[position + 4..<position + 4 + Int(count)]
        position += 4 + Int(count)
        return true
    }

    /// A block whose codes stand before it.
    private mutating func readCodedBlock() -> Bool {
        guard let literals = take(5).map({ $0 + 257 }), let distances = take(5).map({ $0 + 1 }),
            let count = take(4).map({ $0 + 4 }), literals <= 286, distances <= 30
        else { return false }
        var lengths = [Int](repeating: 0, count: Inflate.order.count)
        for place in Inflate.order.prefix(count) {
            guard let length = take(3) else { return false }
            lengths[place] = length
        }
        guard let code = Code(lengths), let all = readLengths(code, count: literals + distances),
            let lengthCode = Code(Array(all.prefix(literals))), let distanceCode = Code(Array(all.dropFirst(literals)))
        else { return false }
        return readBlock(lengthCode, distanceCode)
    }

    private mutating func readLengths(_ code: Code, count: Int) -> [Int]? {
        var lengths: [Int] = []
        while lengths.count < count {
            guard let symbol = symbol(code) else { return nil }
            switch symbol {
            case 16:
                guard let last = lengths.last, let times = take(2) else { return nil }
                lengths += [Int](repeating: last, count: 3 + times)
            case 17, 18:
                guard let times = take(symbol == 17 ? 3 : 7) else { return nil }
                lengths += [Int](repeating: 0, count: (symbol == 17 ? 3 : 11) + times)
            default: lengths.append(symbol)
            }
        }
        // Without an end a block has none.
        return lengths.count == count && lengths[Inflate.end] > 0 ? lengths : nil
    }

    private mutating func readBlock(_ lengths: Code, _ distances: Code) -> Bool {
        while let symbol = symbol(lengths) {
            if symbol == Inflate.end { return true }
            if symbol < Inflate.end {
                guard output.count < limit else { return false }
                output.append(UInt8(symbol))
            } else if !copy(lengthSymbol: symbol - Inflate.end - 1, distances) {
                return false
            }
        }
        return false
    }

    /// Repeats what was there before.
    private mutating func copy(lengthSymbol symbol: Int, _ distances: Code) -> Bool {
        guard symbol < Inflate.lengthBase.count, let more = take(UInt32(Inflate.lengthBits[symbol])),
            let place = self.symbol(distances), place < Inflate.distanceBase.count,
            let further = take(UInt32(Inflate.distanceBits[place]))
        else { return false }
        let length = Inflate.lengthBase[symbol] + more
        let distance = Inflate.distanceBase[place] + further
        guard distance <= output.count, output.count + length <= limit else { return false }
        for _ in 0..<length { output.append(output[output.count - distance]) }
        return true
    }

    // MARK: Codes

    /// A canonical Huffman code: how many symbols have each length, and the symbols in the order of their codes.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        /// nil if more codes are given than there are.
        init?(_ lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            var left = 1
            for count in counts.dropFirst() {
                left = left << 1 - count
                guard left >= 0 else { return nil }
            }
            symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted {
                lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] < lengths[$1]
            }
        }
    }

    /// The symbol that ends a block.
    private static let end = 256
    /// In which order the lengths of the code of lengths stand.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBase = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097, 6_145, 8_193, 12_289, 16_385, 24_577,
    ]
    private static let distanceBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    /// The codes of blocks that name none.
    private static let fixed: (lengths: Code, distances: Code) = {
        let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
        guard let code = Code(lengths), let distances = Code([Int](repeating: 5, count: 30)) else {
            preconditionFailure("the fixed codes of RFC 1951 are codes")
        }
        return (code, distances)
    }()
}
