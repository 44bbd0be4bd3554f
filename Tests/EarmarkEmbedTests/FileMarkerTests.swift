import EarmarkEmbed
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Foundation
import Testing

/// Files in, marked files out: nothing but the mark may change.
@Suite struct FileMarkerTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var kind: SampleKind
        var channels = 2
        var testDescription: String { "\(name) \(kind)" }
    }

    private static let cases: [Case] = [
        Case(name: "a.wav", kind: .integer(bits: 16)), Case(name: "a.wav", kind: .integer(bits: 24), channels: 1),
        Case(name: "a.wav", kind: .integer(bits: 32)), Case(name: "a.wav", kind: .float32),
        Case(name: "a.wav", kind: .float64, channels: 3), Case(name: "a.flac", kind: .integer(bits: 16)),
        Case(name: "a.flac", kind: .integer(bits: 24)), Case(name: "a.aiff", kind: .integer(bits: 16)),
        Case(name: "a.caf", kind: .float32, channels: 1), Case(name: "a.w64", kind: .integer(bits: 24)),
        Case(name: "a.rf64", kind: .float64, channels: 1),
    ]

    @Test(arguments: cases)
    func onlyTheMarkChanges(test: Case) throws {
        let folder = try ScratchFolder()
        let clip = Clip.speech(test.kind, channels: test.channels)
        try clip.write(to: folder.file("in-" + test.name))
        let summary = try FileMarkerTests.mark(folder, "in-" + test.name, "out-" + test.name)
        let output = try Clip(path: folder.file("out-" + test.name))
        #expect(output.kind == test.kind)
        #expect(output.rate == clip.rate)
        #expect(output.channels == clip.channels)
        #expect(output.samples.count == clip.samples.count)
        #expect(summary.frames == Int64(clip.samples.count / clip.channels))
        #expect(summary.format.kind == test.kind)
        #expect(summary.seconds == Double(summary.frames) / 16_000)
        let ratio = Decibels.signalToNoise(output.samples, reference: clip.samples)
        #expect(ratio > 8 && ratio < 40, "\(ratio) dB")
        // From its second sample on, silence stays silence in every channel.
        for frame in 6_001..<12_000 {
            for channel in 0..<clip.channels { #expect(output.samples[frame * clip.channels + channel] == 0) }
        }
    }

    @Test func aFloatFileHoldsExactlyWhatTheEmbedderMakes() throws {
        let folder = try ScratchFolder()
        let clip = Clip.speech(.float32)
        try clip.write(to: folder.file("in.wav"))
        try FileMarkerTests.mark(folder, "in.wav", "out.wav", at: 77.7)
        let expected = try Marking.mark(clip.samples.map(Float.init), seeds: TestKeys.mark(client: 1), at: 77.7)
        let output = try Clip(path: folder.file("out.wav"))
        #expect(zip(output.samples, expected).allSatisfy { $0 == Double($1) })
    }

    /// Integers get the same mark but for rounding and dither.
    @Test(arguments: [16, 24, 32])
    func integersAreWithinTwoStepsOfTheMark(bits: Int) throws {
        let folder = try ScratchFolder()
        let clip = Clip.speech(.integer(bits: bits))
        try clip.write(to: folder.file("in.wav"))
        try FileMarkerTests.mark(folder, "in.wav", "out.wav")
        let floats = clip.samples.map(Float.init)
        let marked = try Marking.mark(floats, seeds: TestKeys.mark(client: 1))
        let output = try Clip(path: folder.file("out.wav"))
        // Beyond 24 bits the embedder's own precision counts.
        let step = max(1 / Double(1 << (bits - 1)), 0x1p-23)
        for index in floats.indices {
            let wanted = clip.samples[index] + Double(marked[index]) - Double(floats[index])
            #expect(abs(output.samples[index] - wanted) <= 2 * step)
        }
    }

    @Test(arguments: [("in.wav", "out.flac", SampleKind.float32), ("in.caf", "out.flac", .float64)])
    func floatsBecome24BitsWhereTheTypeHoldsNoFloats(input: String, output: String, kind: SampleKind) throws {
        let folder = try ScratchFolder()
        let clip = Clip.speech(kind)
        try clip.write(to: folder.file(input))
        let summary = try FileMarkerTests.mark(folder, input, output)
        #expect(summary.format.kind == .integer(bits: 24))
        let written = try Clip(path: folder.file(output))
        #expect(written.kind == .integer(bits: 24))
        #expect(written.samples.count == clip.samples.count)
        #expect(written.samples[6_001..<12_000].allSatisfy { $0 == 0 })
        let ratio = Decibels.signalToNoise(written.samples, reference: clip.samples)
        #expect(ratio > 8 && ratio < 40)
    }

    @Test(arguments: [("in.wav", "out.wav", SampleKind.integer(bits: 16)), ("in.wav", "out.flac", .float32)])
    func theSameInputGivesTheSameBytes(input: String, output: String, kind: SampleKind) throws {
        let folder = try ScratchFolder()
        try Clip.speech(kind).write(to: folder.file(input))
        try FileMarkerTests.mark(folder, input, "1-" + output)
        try FileMarkerTests.mark(folder, input, "2-" + output)
        #expect(try folder.bytes("1-" + output) == folder.bytes("2-" + output))
        try FileMarkerTests.mark(folder, input, "3-" + output, client: 2)
        #expect(try folder.bytes("1-" + output) != folder.bytes("3-" + output))
    }

    @Test(arguments: [SampleKind.integer(bits: 16), .integer(bits: 24), .integer(bits: 32)])
    func fullScaleNeverWraps(kind: SampleKind) throws {
        let folder = try ScratchFolder()
        var noise = NoiseSource(seed: 72)
        let hot = (0..<16_000).map { index in
            kind.rounded(index < 8_000 ? (index / 37 % 2 == 0 ? 1 : -1) : min(max(noise.gaussian(), -1), 1))
        }
        try Clip(kind: kind, samples: hot).write(to: folder.file("in.wav"))
        try FileMarkerTests.mark(folder, "in.wav", "out.wav", strength: .robust)
        let output = try Clip(path: folder.file("out.wav")).samples
        #expect(zip(hot, output).allSatisfy { abs($0 - $1) < 0.9 })
        #expect(output != hot)
    }

    @Test func damagedFloatsPassThroughAndDoNotSpread() throws {
        let folder = try ScratchFolder()
        var clip = Clip.speech(.float32)
        for index in stride(from: 300, to: 5_000, by: 500) {
            clip.samples[index] = index % 1_000 == 0 ? .nan : .infinity
        }
        try clip.write(to: folder.file("in.wav"))
        try FileMarkerTests.mark(folder, "in.wav", "out.wav")
        let output = try Clip(path: folder.file("out.wav")).samples
        for (before, after) in zip(clip.samples, output) { #expect(before.isFinite == after.isFinite) }
    }

    @Test func anUnknownExtensionIsRefusedAndLeavesNothing() throws {
        let folder = try ScratchFolder()
        try Clip.speech(.integer(bits: 16)).write(to: folder.file("in.wav"))
        for name in ["out.mp3", "out", "out.", ".wav", "out.wav.txt"] {
            let error = #expect(throws: MediaError.self) { try FileMarkerTests.mark(folder, "in.wav", name) }
            #expect(error?.code == .unsupportedType, "\(name)")
            #expect(error?.message.isEmpty == false)
        }
        #expect(try folder.names() == ["in.wav"])
    }

    @Test func aSourceThatFailsLeavesNothingAndSparesWhatWasThere() throws {
        let folder = try ScratchFolder()
        let precious = Clip.speech(.integer(bits: 16), seed: 73)
        try precious.write(to: folder.file("out.wav"))
        let before = try folder.bytes("out.wav")
        for name in ["out.wav", "new.wav"] {
            let error = #expect(throws: MediaError.self) {
                try FileMarkerTests.marker().mark(FailingSource(framesUntilFailure: 10_000), to: folder.file(name))
            }
            #expect(error?.code == .unreadable)
        }
        #expect(try folder.names() == ["out.wav"])
        #expect(try folder.bytes("out.wav") == before)
    }

    @Test(arguments: [(7_999, 1), (192_001, 1), (48_000, 9)])
    func shapesThatCannotBeMarkedAreRefused(rate: Int, channels: Int) throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: MediaError.self) {
            try FileMarkerTests.marker().mark(
                FailingSource(framesUntilFailure: 0, rate: rate, channels: channels), to: folder.file("out.wav"))
        }
        #expect(error?.code == .outOfRange)
        #expect(try folder.names().isEmpty)
    }

    @Test func anEmptyFileStaysEmpty() throws {
        let folder = try ScratchFolder()
        try Clip(kind: .integer(bits: 16), samples: []).write(to: folder.file("in.wav"))
        let summary = try FileMarkerTests.mark(folder, "in.wav", "out.wav")
        #expect(summary.frames == 0)
        #expect(try Clip(path: folder.file("out.wav")).samples.isEmpty)
    }

    @Test func progressRunsToTheEndAndTitlesAreKept() throws {
        let folder = try ScratchFolder()
        var metadata = PCMMetadata()
        metadata.text[.title] = "Board meeting"
        try Clip.speech(.integer(bits: 16)).write(to: folder.file("in.wav"), metadata: metadata)
        var calls: [Int64] = []
        let source = try PCMInput.open(path: folder.file("in.wav"))
        let summary = try FileMarkerTests.marker().mark(source, to: folder.file("out.wav")) { calls.append($0) }
        #expect(calls.last == summary.frames)
        #expect(zip(calls, calls.dropFirst()).allSatisfy { $0 < $1 })
        #expect(try PCMInput.open(path: folder.file("out.wav")).metadata.text[.title] == "Board meeting")
    }

    private static func marker(
        client: Int = 1, strength: Strength = .standard, at seconds: Double = 0
    ) -> FileMarker {
        FileMarker(seeds: TestKeys.mark(client: client), strength: strength, startSeconds: seconds)
    }

    @discardableResult
    private static func mark(
        _ folder: ScratchFolder, _ input: String, _ output: String, client: Int = 1, strength: Strength = .standard,
        at seconds: Double = 0
    ) throws -> FileMarker.Summary {
        let source = try PCMInput.open(path: folder.file(input))
        return try marker(client: client, strength: strength, at: seconds).mark(source, to: folder.file(output))
    }
}

/// A disk that gives up on the way.
private final class FailingSource: PCMSource {
    let path = "broken.wav"
    let format: PCMFormat
    var outputKind: SampleKind { format.kind }
    let metadata = PCMMetadata()
    private var left: Int

    init(framesUntilFailure: Int, rate: Int = 16_000, channels: Int = 1) {
        left = framesUntilFailure
        format = PCMFormat(
            container: .wav, kind: .integer(bits: 16), sampleRate: rate, channels: channels, frames: 100_000)
    }

    func readIntegers(into buffer: UnsafeMutableBufferPointer<Int32>) throws(MediaError) -> Int {
        guard left > 0 else { throw MediaError(.unreadable, "cannot be read.", path: path) }
        let frames = min(left, buffer.count / format.channels)
        for index in 0..<frames * format.channels { buffer[index] = Int32(index % 1_000) << 16 }
        left -= frames
        return frames
    }

    func readFloats(into buffer: UnsafeMutableBufferPointer<Float>) throws(MediaError) -> Int {
        throw MediaError(.unreadable, "cannot be read.", path: path)
    }

    func readDoubles(into buffer: UnsafeMutableBufferPointer<Double>) throws(MediaError) -> Int {
        throw MediaError(.unreadable, "cannot be read.", path: path)
    }
}
