import EarmarkMedia
import EarmarkTestSupport

/// Clean audio in memory, and its way to and from files.
struct Clip: Equatable {
    var kind: SampleKind
    var rate = 16_000
    var channels = 1
    /// Interleaved, full scale 1.
    var samples: [Double]

    /// Speech-like sound with a second of silence in it, rounded to what `kind` can hold.
    static func speech(_ kind: SampleKind, channels: Int = 1, seed: UInt64 = 71) -> Clip {
        var mono = SpeechLike.samples(seconds: 1.3, seed: seed)
        for index in 6_000..<12_000 { mono[index] = 0 }
        let samples = mono.enumerated().flatMap { index, value in
            (0..<channels).map { Double(value) * (1 - 0.3 * Double($0)) }
        }
        return Clip(kind: kind, channels: channels, samples: samples.map { kind.rounded($0) })
    }

    func write(to path: String, metadata: PCMMetadata = .init()) throws {
        let format = PCMFormat(
            container: nil, kind: kind, sampleRate: rate, channels: channels, frames: Int64(samples.count / channels))
        let writer = try PCMWriter(path: path, format: format, metadata: metadata)
        switch kind {
        case .integer(let bits):
            let scale = Double(1 << (bits - 1))
            let integers = samples.map { Int32(clamping: Int64($0 * scale) << Int64(32 - bits)) }
            try integers.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        case .float32: try samples.map(Float.init).withUnsafeBufferPointer { try writer.writeFloats($0) }
        case .float64: try samples.withUnsafeBufferPointer { try writer.writeDoubles($0) }
        }
        try writer.finish()
    }

    init(kind: SampleKind, rate: Int = 16_000, channels: Int = 1, samples: [Double]) {
        self.kind = kind
        self.rate = rate
        self.channels = channels
        self.samples = samples
    }

    init(path: String) throws {
        let source = try PCMInput.open(path: path)
        kind = source.format.kind
        rate = source.format.sampleRate
        channels = source.format.channels
        samples = []
        var buffer = [Double](repeating: 0, count: 4_096 * channels)
        while true {
            let frames = try buffer.withUnsafeMutableBufferPointer { try source.readDoubles(into: $0) }
            if frames == 0 { return }
            samples += buffer[..<(frames * channels)]
        }
    }
}

extension SampleKind {
    /// `value` as a file of this kind holds it.
    func rounded(_ value: Double) -> Double {
        switch self {
        case .integer(let bits):
            let scale = Double(1 << (bits - 1))
            return min(max((value * scale).rounded(), -scale), scale - 1) / scale
        case .float32: return Double(Float(value))
        case .float64: return value
        }
    }
}
