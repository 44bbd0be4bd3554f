import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// The pseudo-random function behind every sign.
///
/// A slip here would still mark and detect, but with keys that others
/// can guess and nobody else can reproduce.
@Suite struct ChaCha20Tests {
    /// RFC 8439, appendix A.1, vectors 1 and 2: key 0, nonce 0, blocks 0 and 1.
    private static let zeroKey = """
        76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
        da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586\
        9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed\
        29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f
        """
    /// Vector 5: key 0, 96-bit nonce 00...02, whose last word is the high half of a 64-bit nonce.
    private static let lastNonceWord = """
        c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7\
        8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d
        """
    /// Section 2.3.2: key 00...1f, counter 1, nonce 000000090000004a00000000.
    private static let section232 = """
        10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
        d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e
        """

    @Test func keystreamMatchesTheStandardsVectors() throws {
        let zero = try #require(Seed(bytes: .init(repeating: 0, count: 32)))
        #expect(hex(keystream(zero, nonce: 0, count: 128)) == ChaCha20Tests.zeroKey)
        #expect(hex(keystream(zero, nonce: 0x0200_0000_0000_0000, count: 64)) == ChaCha20Tests.lastNonceWord)
    }

    @Test func referenceMatchesTheStandardsBlockFunction() {
        let block = ScalarChaCha.block(key: Array(0..<32), words: [1, 0x0900_0000, 0x4a00_0000, 0])
        #expect(hex(block) == ChaCha20Tests.section232)
    }

    @Test(arguments: [0, 1, 3, 4, 63, 64, 65, 112, 224, 255, 256, 257, 560, 896, 3_584])
    func anyLengthMatchesTheReference(count: Int) {
        var noise = NoiseSource(seed: UInt64(count))
        for _ in 0..<3 {
            let seed = TestKeys.seed(noise.bits())
            let nonce = noise.bits()
            #expect(
                keystream(seed, nonce: nonce, count: count) == ScalarChaCha.keystream(seed, nonce: nonce, count: count))
        }
    }

    @Test(arguments: [0, 1, -1, 5_599, -275, Int64.min, Int64.max, 1 << 32, -(1 << 32), 0x0900_0000_0000_0001])
    func anyPeriodMatchesTheReference(period: Int64) {
        let seed = TestKeys.seed(9)
        var bits = [UInt8](repeating: 0xff, count: 112)
        PeriodSigns(seed: seed).fill(&bits, period: period)
        #expect(bits == ScalarChaCha.keystream(seed, nonce: UInt64(bitPattern: period), count: 112))
    }

    @Test func shorterRequestsArePrefixesOfLonger() {
        let seed = TestKeys.seed(4)
        let long = keystream(seed, nonce: 77, count: 600)
        for count in [1, 64, 100, 256, 511] {
            #expect(keystream(seed, nonce: 77, count: count) == Array(long[..<count]))
        }
    }

    private func keystream(_ seed: Seed, nonce: UInt64, count: Int) -> [UInt8] {
        // Filled beforehand: a byte that is left out shows.
        var output = [UInt8](repeating: 0xa5, count: count)
        ChaCha20(seed: seed).keystream(nonce: nonce, into: &output)
        return output
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// ChaCha20 word by word as RFC 8439, section 2.3 tells it, shaped nothing like the engine's four blocks at a time.
enum ScalarChaCha {
    /// `words` are the counter and the nonce: words 12...15 of the state.
    static func block(key: [UInt8], words: [UInt32]) -> [UInt8] {
        var state: [UInt32] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]
        for word in 0..<8 { state.append((0..<4).reduce(0) { $0 | UInt32(key[4 * word + $1]) << UInt32(8 * $1) }) }
        state += words
        var mixed = state
        for _ in 0..<10 {
            for column in 0..<4 { quarter(&mixed, column, column + 4, column + 8, column + 12) }
            for column in 0..<4 {
                quarter(&mixed, column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
            }
        }
        return zip(mixed, state).flatMap { pair in
            let sum = pair.0 &+ pair.1
            return (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
        }
    }

    static func keystream(_ seed: Seed, nonce: UInt64, count: Int) -> [UInt8] {
        var output: [UInt8] = []
        var counter: UInt32 = 0
        while output.count < count {
            let high = UInt32(truncatingIfNeeded: nonce >> 32)
            output += block(key: seed.bytes, words: [counter, 0, UInt32(truncatingIfNeeded: nonce), high])
            counter += 1
        }
        return Array(output[..<count])
    }

    private static func quarter(_ x: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        func step(_ sum: Int, _ addend: Int, _ target: Int, _ bits: UInt32) {
            x[sum] = x[sum] &+ x[addend]
            let mixed = x[target] ^ x[sum]
            x[target] = mixed << bits | mixed >> (32 - bits)
        }
        step(a, b, d, 16)
        step(c, d, b, 12)
        step(a, b, d, 8)
        step(c, d, b, 7)
    }
}
