import EarmarkMedia
import Foundation
import Testing

/// A folder that vanishes with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/earmark-media-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    /// Runs `ffmpeg` with an output in this folder and returns its path.
    func ffmpeg(_ arguments: String, to name: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments.split(separator: " ").map(String.init)
            + [file(name)]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "ffmpeg \(arguments) \(name)")
        return file(name)
    }
}

/// Inputs for `TemporaryFolder.ffmpeg`.
enum Source {
    static func tone(_ hertz: Int = 440, seconds: Double = 3, rate: Int = 48_000) -> String {
        "-f lavfi -i sine=frequency=\(hertz):duration=\(seconds):sample_rate=\(rate)"
    }

    /// `tone` with a small test picture.
    static func film(seconds: Double = 3) -> String {
        tone(seconds: seconds) + " " + picture(seconds: seconds)
    }

    static func picture(seconds: Double = 3) -> String {
        "-f lavfi -i testsrc=duration=\(seconds):size=64x48:rate=5"
    }
}

func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Decodes a whole track into one array for each channel.
func decode(
    _ path: String, track: Int = 0, sampleRate: Int? = nil, policy: RecordingPolicy = RecordingPolicy()
) throws -> (summary: DecodeSummary, channels: [[Float]]) {
    let decoder = try RecordingDecoder(path: path, policy: policy)
    var channels: [[Float]] = []
    let summary = try decoder.decode(track: track, sampleRate: sampleRate) { block in
        if channels.isEmpty { channels = Array(repeating: [], count: block.channelCount) }
        #expect(block.channelCount == channels.count)
        for channel in 0..<block.channelCount { channels[channel] += block[channel: channel] }
    }
    #expect(channels.allSatisfy { Int64($0.count) == summary.decodedFrames })
    return (summary, channels)
}

/// Expects equal sequences; a failure shows where they part instead of both of them.
func expectSame<Element: Equatable>(
    _ left: some Collection<Element>, _ right: some Collection<Element>,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let firstDifference = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let counts = [left.count, right.count]
    #expect(counts[0] == counts[1], sourceLocation: sourceLocation)
    #expect(firstDifference == nil, sourceLocation: sourceLocation)
}

/// The code with which `body` fails; nil if it does not, or not with a `MediaError`.
func failureCode(_ body: () throws -> Void) -> MediaError.Code? { failure(body)?.code }

func failure(_ body: () throws -> Void) -> MediaError? {
    do {
        try body()
        return nil
    } catch {
        return error as? MediaError
    }
}

func rms(_ samples: some Collection<Float>) -> Double {
    guard !samples.isEmpty else { return 0 }
    return (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)).squareRoot()
}

/// Ratio of the energy at `hertz` to all energy, 0...1: 1 for a pure tone there.
func purity(_ samples: [Float], hertz: Double, rate: Double) -> Double {
    var real = 0.0
    var imaginary = 0.0
    var total = 0.0
    for (index, sample) in samples.enumerated() {
        let phase = 2 * Double.pi * hertz * Double(index) / rate
        real += Double(sample) * cos(phase)
        imaginary += Double(sample) * sin(phase)
        total += Double(sample) * Double(sample)
    }
    return total > 0 ? 2 * (real * real + imaginary * imaginary) / (Double(samples.count) * total) : 0
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
