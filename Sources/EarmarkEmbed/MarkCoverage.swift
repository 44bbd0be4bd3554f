/// How much of some audio carries the mark: what the embedder added, beside what it was given.
///
/// The mark lives in what sounds above 300 Hz and grows with it. Where there is nothing, or so little beside the rest
/// that nobody will hear it again, samples change and a recording shows nothing of it.
public struct MarkCoverage: Sendable {
    /// Below this share, who marks should be told.
    public static let least = 0.1

    /// Span that carries the mark or does not, seconds; rounded to whole groups of frames.
    private static let blockSeconds = 0.1
    /// Frames are left out down to this rate, hertz: the mark ends at 7,250 Hz, and its level is not changed by that.
    private static let lowestRate = 22_050.0
    /// What lies below is left out of the mark, hertz: its lowest bands would name nobody by themselves.
    private static let lowestFrequency = 600.0
    /// Least power of the mark beside that of the audio: -58 dB.
    ///
    /// Speech and music carry it at -13 to -31 dB, speech beneath a loud hum at -43 dB; noise that ends at 300 Hz at
    /// -63 dB and less.
    private static let leastRatio = 1.6e-6
    /// Least power of the mark, full scale 1: that of 16 bits' rounding, -101 dB.
    private static let leastPower = 1.0 / 12 / 32_768 / 32_768

    private let channels: Int
    /// Of so many frames one is looked at.
    private let stride: Int
    /// Frames of a block that are looked at: whole groups of the filter's.
    private let blockLooks: Int
    private let filter: HighPass
    private var states: [HighPass.State]
    /// What is looked at of the block at hand, as it came, and what was added.
    ///
    /// Shape: channels x `blockLooks`.
    private var hosts: [Float]
    private var marks: [Float]
    /// Frames of the block at hand so far.
    private var frames = 0
    private var blocks = 0
    private var marked = 0

    /// For interleaved samples of `channels` channels.
    init(sampleRate: Double, channels: Int) {
        self.channels = channels
        stride = max(1, Int(sampleRate / MarkCoverage.lowestRate))
        let rate = sampleRate / Double(stride)
        let group = HighPass.Lanes.scalarCount
        blockLooks = max(1, Int((rate * MarkCoverage.blockSeconds / Double(group)).rounded())) * group
        filter = HighPass(MarkCoverage.lowestFrequency / rate)
        states = .init(repeating: .zero, count: channels)
        hosts = .init(repeating: 0, count: channels * blockLooks)
        marks = hosts
    }

    /// Adds the next samples: as they came, and as they went.
    mutating func add(before: UnsafeBufferPointer<Float>, after: UnsafeBufferPointer<Float>) {
        precondition(before.count == after.count)
        guard let hosts = before.baseAddress, let results = after.baseAddress else { return }
        let count = before.count / channels
        var done = 0
        while done < count {
            let part = min(count - done, blockLooks * stride - frames)
            for channel in 0..<channels {
                look(hosts + done * channels + channel, results + done * channels + channel, part, channel)
            }
            frames += part
            done += part
            if frames == blockLooks * stride { close() }
        }
    }

    /// Looks at every `stride`-th of `count` samples of a channel, counted from the block's beginning.
    private mutating func look(
        _ before: UnsafePointer<Float>, _ after: UnsafePointer<Float>, _ count: Int, _ channel: Int
    ) {
        let skipped = (stride - frames % stride) % stride
        guard skipped < count else { return }
        let target = channel * blockLooks + (frames + skipped) / stride
        let looks = (count - skipped + stride - 1) / stride
        let step = stride * channels
        let (before, after) = (before + skipped * channels, after + skipped * channels)
        hosts.withUnsafeMutableBufferPointer { hosts in
            marks.withUnsafeMutableBufferPointer { marks in
                guard let hosts = hosts.baseAddress, let marks = marks.baseAddress else { return }
                // With the commonest steps as numbers the compiler makes vectors of them.
                switch step {
                case 1: MarkCoverage.look(before, after, 1, looks, hosts + target, marks + target)
                case 2: MarkCoverage.look(before, after, 2, looks, hosts + target, marks + target)
                default: MarkCoverage.look(before, after, step, looks, hosts + target, marks + target)
                }
            }
        }
    }

    @inline(__always)
    private static func look(
        _ before: UnsafePointer<Float>, _ after: UnsafePointer<Float>, _ step: Int, _ looks: Int,
        _ hosts: UnsafeMutablePointer<Float>, _ marks: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<looks {
            let host = before[index &* step]
            let mark = after[index &* step] - host
            // What is no number is passed on as it is, and carries nothing.
            let isSound = mark - mark == 0
            hosts[index] = isSound ? host : 0
            marks[index] = isSound ? mark : 0
        }
    }

    private mutating func close() {
        blocks += 1
        if isMarked() { marked += 1 }
        frames = 0
    }

    /// Whether the block at hand carries the mark, as far as it goes.
    private mutating func isMarked() -> Bool {
        let looks = (frames + stride - 1) / stride
        guard looks > 0 else { return false }
        var (host, mark) = (0.0, 0.0)
        for channel in 0..<channels {
            let range = channel * blockLooks..<channel * blockLooks + looks
            host += hosts.withUnsafeBufferPointer { MarkCoverage.energy(.init(rebasing: $0[range])) }
            var state = states[channel]
            mark += marks.withUnsafeBufferPointer { filter.energy(.init(rebasing: $0[range]), &state) }
            states[channel] = state
        }
        return mark >= MarkCoverage.leastPower * Double(looks * channels) && mark >= MarkCoverage.leastRatio * host
    }

    /// Sum of the squares, as many at a time as the filter takes.
    private static func energy(_ samples: UnsafeBufferPointer<Float>) -> Double {
        guard let base = samples.baseAddress else { return 0 }
        let width = HighPass.Lanes.scalarCount
        var sum = HighPass.Lanes.zero
        for group in 0..<samples.count / width {
            let x = UnsafeRawPointer(base + group * width).loadUnaligned(as: HighPass.Lanes.self)
            sum += x * x
        }
        return (0..<width).reduce(0) { $0 + Double(sum[$1]) }
    }

    /// Share of the time that carries the mark, 0...1; nil before there is any audio.
    public var share: Double? {
        let rest = Double(frames) / Double(blockLooks * stride)
        guard blocks > 0 || frames > 0 else { return nil }
        var last = self
        return (Double(marked) + (last.isMarked() ? rest : 0)) / (Double(blocks) + rest)
    }

    /// What to tell who marks; nil if enough carries the mark, or there is no audio.
    public var warning: String? {
        guard let share, share < MarkCoverage.least else { return nil }
        return "only \(Int((100 * share).rounded(.down))) % of this audio carries the mark: the rest is silent, too "
            + "quiet, at full scale without room for it, or has next to nothing above 300 Hz; a recording of it will "
            + "not show who made it"
    }
}
