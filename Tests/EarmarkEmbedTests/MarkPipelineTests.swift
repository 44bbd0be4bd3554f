import EarmarkEmbed
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Testing

/// docs/signal-design.md, "Files on several processors": the bits are those of one.
@Suite struct MarkPipelineTests {
    /// Every way from source to target: integers with and without dither, floats, floats to integers.
    private static let routes: [(kind: SampleKind, name: String)] = [
        (.integer(bits: 16), "out.wav"), (.integer(bits: 24), "out.wav"), (.float32, "out.wav"), (.float64, "out.caf"),
        (.float32, "out.flac"),
    ]

    /// Marks a clip of several blocks, as `source` gives it out, and returns the file's bytes and the coverage.
    private static func mark(
        _ clip: Clip, to name: String, processors: Int, frames: @escaping (Int) -> Int = { _ in .max }
    ) throws -> (bytes: [UInt8], share: Double?) {
        let folder = try ScratchFolder()
        let marker = FileMarker(
            seeds: TestKeys.mark(client: 1), strength: .standard, startSeconds: 3, processors: processors)
        let summary = try marker.mark(CutSource(clip, frames: frames), to: folder.file(name))
        #expect(summary.frames == Int64(clip.samples.count / clip.channels))
        return (Array(try folder.bytes(name)), summary.coverage.share)
    }

    private static func clip(_ kind: SampleKind, channels: Int = 2) -> Clip {
        var clip = Clip.speech(kind, channels: channels)
        // More blocks than are under way at once.
        clip.samples = Array(repeating: clip.samples, count: 8).flatMap { $0 }
        return clip
    }

    @Test(arguments: 0..<routes.count)
    func bitsDoNotDependOnProcessors(route: Int) throws {
        let (kind, name) = MarkPipelineTests.routes[route]
        let clip = MarkPipelineTests.clip(kind)
        let one = try MarkPipelineTests.mark(clip, to: name, processors: 1)
        for processors in [2, 3, 16] {
            let several = try MarkPipelineTests.mark(clip, to: name, processors: processors)
            #expect(several.bytes == one.bytes, "\(processors)")
            #expect(several.share == one.share)
        }
    }

    /// However the source hands out its frames.
    @Test(arguments: [1, 2])
    func bitsDoNotDependOnBlocks(processors: Int) throws {
        let clip = Clip.speech(.integer(bits: 16), channels: 3)
        let whole = try MarkPipelineTests.mark(clip, to: "out.wav", processors: 1)
        for size in [7, 64, 255, 1_000, 5_461] {
            let cut = try MarkPipelineTests.mark(clip, to: "out.wav", processors: processors) { _ in size }
            #expect(cut.bytes == whole.bytes && cut.share == whole.share, "\(size)")
        }
        let uneven = try MarkPipelineTests.mark(clip, to: "out.wav", processors: processors) { $0 % 977 + 1 }
        #expect(uneven.bytes == whole.bytes && uneven.share == whole.share)
    }

    /// A source that fails stops everything, also while blocks are under way, and nothing is left behind.
    @Test(arguments: [1, 2], [0, 1, 5_000, 80_000])
    func aFailureEndsAllThreads(processors: Int, frames: Int) throws {
        let folder = try ScratchFolder()
        let marker = FileMarker(
            seeds: TestKeys.mark(client: 1), strength: .standard, startSeconds: 0, processors: processors)
        let source = CutSource(MarkPipelineTests.clip(.integer(bits: 16)), frames: { $0 < frames ? 1_000 : -1 })
        let error = #expect(throws: MediaError.self) { try marker.mark(source, to: folder.file("out.wav")) }
        #expect(error?.code == .unreadable)
        #expect(try folder.names().isEmpty)
    }
}

/// A clip that is handed out in blocks of as many frames as `frames` says at each place; −1 fails.
private final class CutSource: PCMSource {
    let path = "cut.wav"
    let format: PCMFormat
    var outputKind: SampleKind { format.kind }
    let metadata = PCMMetadata()
    private let clip: Clip
    private let frames: (Int) -> Int
    private var done = 0

    init(_ clip: Clip, frames: @escaping (Int) -> Int) {
        self.clip = clip
        self.frames = frames
        format = PCMFormat(
            container: .wav, kind: clip.kind, sampleRate: clip.rate, channels: clip.channels,
            frames: Int64(clip.samples.count / clip.channels))
    }

    private func next(_ capacity: Int) throws(MediaError) -> ArraySlice<Double> {
        let wanted = frames(done)
        guard wanted >= 0 else { throw MediaError(.unreadable, "cannot be read.", path: path) }
        let most = min(capacity / clip.channels, clip.samples.count / clip.channels - done)
        let count = min(wanted, most)
        defer { done += count }
        return clip.samples[(done * clip.channels)..<((done + count) * clip.channels)]
    }

    func readIntegers(into buffer: UnsafeMutableBufferPointer<Int32>) throws(MediaError) -> Int {
        let samples = try next(buffer.count)
        for (index, sample) in samples.enumerated() { buffer[index] = Int32(sample * 0x1p31) }
        return samples.count / clip.channels
    }

    func readFloats(into buffer: UnsafeMutableBufferPointer<Float>) throws(MediaError) -> Int {
        throw MediaError(.unreadable, "is not read so.", path: path)
    }

    func readDoubles(into buffer: UnsafeMutableBufferPointer<Double>) throws(MediaError) -> Int {
        let samples = try next(buffer.count)
        for (index, sample) in samples.enumerated() { buffer[index] = sample }
        return samples.count / clip.channels
    }
}
