import Testing

@testable import EarmarkMedia

/// docs/batch.md, "Long recordings": which MP3 is so even that its bytes tell its length, and how much of an edit list
/// may be padding.
@Suite struct SteadyFramesTests {
    /// Layer III at 128 kbit/s and 44.1 kHz (ISO 11172-3, 2.4.2.3), whose frames have 417 bytes, or one more.
    private static let even: UInt32 = 0xFFFB_9000
    private static let padded: UInt32 = 0xFFFB_9200
    /// The same at 112 kbit/s, 365 bytes, and at 48 kHz.
    private static let slower: UInt32 = 0xFFFB_8000
    private static let higher: UInt32 = 0xFFFB_9400

    private struct Frame {
        /// Nil where what stands there is no header.
        var header: UInt32?
        var length: Int64
    }

    private func seconds(_ frames: [Frame], missing: Int64 = 0) -> Double? {
        var counted = SteadyFrames()
        for frame in frames { counted.take(frame.header, frame.length) }
        return counted.seconds(filling: 100..<100 + frames.reduce(missing) { $0 + $1.length })
    }

    private func same(_ header: UInt32, _ length: Int64, _ count: Int) -> [Frame] {
        [Frame](repeating: Frame(header: header, length: length), count: count)
    }

    private func steady(_ count: Int) -> [Frame] {
        same(Self.padded, 418, count / 3) + same(Self.even, 417, count - count / 3)
    }

    @Test func evenFramesTellTheirLength() {
        // 44,100 samples a second, 1,152 in a frame.
        #expect(seconds(steady(1_225)) == 32)
        #expect(seconds(same(Self.slower, 365, 1) + steady(1_224)) == 32, "the first frame tells of the stream")
        // MPEG-2 and MPEG-2.5: half and a quarter of the rate, 576 samples in a frame.
        #expect(seconds(same(0xFFF3_9000, 261, 1_225)) == 32)
        #expect(seconds(same(0xFFE3_9000, 522, 1_225)) == 64)
    }

    @Test func oneOtherFrameTellsNothing() {
        let others = [
            Frame(header: Self.slower, length: 365), Frame(header: Self.higher, length: 384),
            Frame(header: nil, length: 417),
        ]
        for other in others {
            #expect(seconds(steady(20) + [other] + steady(20)) == nil)
            #expect(seconds(steady(20) + [other]) == nil)
        }
        #expect(seconds(same(Self.higher, 384, 1) + steady(20)) == nil, "of another rate from the second frame on")
    }

    /// A byte of padding in every frame of one half moves the middle by more than a frame: bytes no longer tell places.
    @Test func paddingIsSpreadEvenly() {
        let pair = same(Self.padded, 418, 1) + same(Self.even, 417, 1)
        #expect(seconds((0..<3_000).flatMap { _ in pair }) != nil)
        #expect(seconds(same(Self.padded, 418, 3_000) + same(Self.even, 417, 3_000)) == nil)
        #expect(seconds(same(Self.even, 417, 3_000) + same(Self.padded, 418, 3_000)) == nil)
    }

    @Test func framesMustFillTheWindow() {
        #expect(seconds(steady(20)) != nil && seconds(steady(20), missing: 1) == nil)
        #expect(seconds([]) == nil && seconds(steady(1)) == nil)
    }

    private func plain(_ edits: [(shown: Double, media: Double, length: Double)], of seconds: Double = 60) -> Double? {
        let edits = edits.map { Presentation.Edit(shown: $0.shown, media: $0.media, length: $0.length) }
        return Presentation(edits: edits).plainLength(of: seconds)
    }

    /// What an edit list leaves out is a quarter of a second at most at either end.
    @Test func onlyPaddingMayBeLeftOut() {
        #expect(plain([]) == 60 && plain([(0, 0, 60)]) == 60)
        #expect(plain([(0, 0.25, 59.5)]) == 59.5 && plain([(0, 0.25, 80)]) == 59.75)
        #expect(plain([(0.25, 0, 60)]) == 60.25)
        #expect(plain([(0, 0.25, 59.375)]) == nil, "more is left out at the end")
        #expect(plain([(0, 0, 20)]) == nil)
        #expect(plain([(0, 0.375, 59.625)]) == nil && plain([(0.375, 0, 60)]) == nil)
        #expect(plain([(0, 0, 60), (60, 0, 60)]) == nil)
        #expect(Presentation(origin: 5).plainLength(of: 60) == nil)
    }
}
