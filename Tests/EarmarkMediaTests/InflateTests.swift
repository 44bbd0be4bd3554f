import EarmarkTestSupport
import Testing

@testable import EarmarkMedia

/// RFC 1950 and 1951, against what `gzip` packs.
@Suite struct InflateTests {
    private static func noise(_ count: Int, of values: UInt64 = 256) -> [UInt8] {
        var generator = SeededGenerator(state: 7)
        return (0..<count).map { _ in UInt8(generator.next() % values) }
    }

    private static let contents: [(String, [UInt8])] = [
        ("nothing", []), ("a byte", [7]), ("text", Array(String(repeating: "box after box, ", count: 500).utf8)),
        ("zeros", [UInt8](repeating: 0, count: 300_000)), ("noise", noise(200_000)),
        ("two values", noise(100_000, of: 2)), ("far apart", noise(32_768) + noise(32_768)),
        ("counting", (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 3) }),
    ]

    @Test(arguments: [1, 6, 9]) func whatWasPackedComesBack(level: Int) throws {
        for (name, content) in Self.contents {
            let packed = try Packed.zlib(content, level: level)
            let found = try #require(Inflate.unpack(packed, atMost: content.count), "\(name)")
            #expect(found == content, "\(name)")
            #expect(Inflate.unpack(packed + [1, 2, 3], atMost: content.count) == content, "what follows is not read")
        }
    }

    /// RFC 1951, section 3.2.4: stored blocks; 3.2.6: the fixed code, here of "a" and the end.
    @Test func everyKindOfBlockIsRead() {
        let sum: [UInt8] = [0, 98, 0, 98]
        let stored: [UInt8] = [0x78, 0x01, 1, 1, 0, 0xFE, 0xFF, 97]
        #expect(Inflate.unpack(stored + sum, atMost: 1) == [97])
        let fixed: [UInt8] = [0x78, 0x9C, 0x4B, 0x04, 0x00]
        #expect(Inflate.unpack(fixed + sum, atMost: 1) == [97])
        #expect(Inflate.unpack([0x78, 0x01, 1, 1, 0, 0xFF, 0xFF, 97] + sum, atMost: 1) == nil, "the length is wrong")
        #expect(Inflate.unpack([0x78, 0x01, 7, 0, 0, 0, 0, 0] + sum, atMost: 9) == nil, "there is no fourth kind")
    }

    @Test func noMoreIsUnpackedThanIsAllowed() throws {
        for (name, content) in Self.contents where !content.isEmpty {
            let packed = try Packed.zlib(content)
            #expect(Inflate.unpack(packed, atMost: content.count - 1) == nil, "\(name)")
        }
    }

    @Test func whatIsDamagedIsNone() throws {
        let content = Array(String(repeating: "sample table ", count: 200).utf8) + Self.noise(500)
        let packed = try Packed.zlib(content)
        for count in 0..<packed.count { #expect(Inflate.unpack(Array(packed.prefix(count)), atMost: 10_000) == nil) }
        for place in packed.indices {
            var changed = packed
            changed[place] ^= 0x10
            // The sum is of 32 bits: what passes is the same.
            #expect(Inflate.unpack(changed, atMost: 10_000).map { $0 == content } ?? true, "\(place)")
        }
        var preset = packed
        preset[1] = 0xF9
        #expect(Inflate.unpack(preset, atMost: 10_000) == nil, "a dictionary that nobody has")
    }

    /// Noise never leads astray.
    @Test func noiseEnds() {
        for seed in 0..<2_000 {
            var generator = SeededGenerator(state: UInt64(seed))
            let bytes = (0..<200).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            #expect(Inflate.unpack([0x78, 0x9C] + bytes, atMost: 1 << 16) == nil)
        }
    }
}
