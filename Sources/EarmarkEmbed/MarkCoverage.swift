import Glibc

/// How much of some audio carries the mark: what the embedder added, beside what it was given.
///
/// The mark lives in what sounds above 300 Hz and grows with it. Where there is nothing, or so little beside the rest
/// that nobody will hear it again, samples change and a recording shows nothing of it.
public struct MarkCoverage: Sendable {
    /// Below this share, who marks should be told.
    public static let least = 0.1

    /// Span that carries the mark or does not, seconds.
    private static let blockSeconds = 0.1
    /// What lies below is left out of the mark, hertz: its lowest bands would name nobody by themselves.
    private static let lowestFrequency = 600.0
    /// Least power of the mark beside that of the audio: -58 dB.
    ///
    /// Speech and music carry it at -13 to -31 dB, speech beneath a loud hum at -43 dB; noise that ends at 300 Hz at
    /// -63 dB and less.
    private static let leastRatio = 1.6e-6
    /// Least power of the mark, full scale 1: that of 16 bits' rounding, -101 dB.
    private static let leastPower = 1.0 / 12 / 32_768 / 32_768

    private let blockSamples: Int
    private var filters: [HighPass]
    private var samples = 0
    private var host = 0.0
    private var mark = 0.0
    private var blocks = 0
    private var marked = 0

    /// For interleaved samples of `channels` channels.
    init(sampleRate: Double, channels: Int) {
        blockSamples = max(1, Int(sampleRate * MarkCoverage.blockSeconds)) * channels
        let filter = HighPass(MarkCoverage.lowestFrequency / sampleRate)
        filters = .init(repeating: filter, count: channels)
    }

    /// Adds the next samples: as they came, and as they went.
    mutating func add(before: UnsafeBufferPointer<Float>, after: UnsafeBufferPointer<Float>) {
        precondition(before.count == after.count)
        let channels = filters.count
        for index in before.indices {
            var difference = Double(after[index]) - Double(before[index])
            // What is no number is passed on as it is, and carries nothing.
            if difference.isFinite {
                difference = filters[index % channels].filtered(difference)
                host += Double(before[index]) * Double(before[index])
                mark += difference * difference
            }
            samples += 1
            if samples == blockSamples { close() }
        }
    }

    private mutating func close() {
        blocks += 1
        if isMarked { marked += 1 }
        (samples, host, mark) = (0, 0, 0)
    }

    private var isMarked: Bool {
        let power = mark / Double(max(samples, 1))
        return power >= MarkCoverage.leastPower && mark >= MarkCoverage.leastRatio * host
    }

    /// Share of the time that carries the mark, 0...1; nil before there is any audio.
    public var share: Double? {
        let all = Double(blocks) + Double(samples) / Double(blockSamples)
        guard all > 0 else { return nil }
        let rest = isMarked ? Double(samples) / Double(blockSamples) : 0
        return (Double(marked) + rest) / all
    }

    /// What to tell who marks; nil if enough carries the mark, or there is no audio.
    public var warning: String? {
        guard let share, share < MarkCoverage.least else { return nil }
        return "only \(Int((100 * share).rounded(.down))) % of this audio carries the mark: the rest is silent, too "
            + "quiet, or has next to nothing above 300 Hz; a recording of it will not show who made it"
    }
}

/// A Butterworth high-pass filter of the fourth order.
private struct HighPass {
    /// Damping of its two halves.
    private static let damping = (0.923_879_532_511, 0.382_683_432_365)

    private var first: Section
    private var second: Section

    /// Passes what lies above `frequency`, in cycles a sample.
    init(_ frequency: Double) {
        first = Section(frequency, damping: HighPass.damping.0)
        second = Section(frequency, damping: HighPass.damping.1)
    }

    mutating func filtered(_ sample: Double) -> Double { second.filtered(first.filtered(sample)) }

    /// A section of the second order, in transposed form.
    private struct Section {
        private let gain: Double
        private let feedback: (Double, Double)
        private var state = (0.0, 0.0)

        init(_ frequency: Double, damping: Double) {
            let warped = tan(.pi * frequency)
            let scale = 1 / (1 + 2 * damping * warped + warped * warped)
            gain = scale
            feedback = (2 * (warped * warped - 1) * scale, (1 - 2 * damping * warped + warped * warped) * scale)
        }

        mutating func filtered(_ sample: Double) -> Double {
            let result = gain * sample + state.0
            state.0 = state.1 - 2 * gain * sample - feedback.0 * result
            state.1 = gain * sample - feedback.1 * result
            return result
        }
    }
}
