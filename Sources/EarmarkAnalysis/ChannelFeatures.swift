internal import EarmarkDetect
internal import EarmarkDSP
internal import EarmarkMedia

/// Decodes a track into the features of the sum of its channels, or of one channel.
///
/// The sum is examined first: two channels of the same source gain from it. Channels that differ are then examined
/// one by one, since a pair in antiphase cancels and two sources may sit on different sides. One channel's features are
/// in memory at a time.
struct ChannelFeatures {
    /// What is examined of a track.
    enum Part: Equatable {
        case sum
        case channel(Int)
    }

    /// Features, what the decoder says, and how much the channels differ.
    struct Result {
        var features: FeatureMatrix
        var summary: DecodeSummary
        /// Whether some channel holds more than a scaled copy of the sum.
        var channelsDiffer: Bool
    }

    /// Energy of a channel's difference to the mean channel above which it is worth a look of its own, relative to
    /// the mean channel's energy: -30 dB, well above what a lossy codec makes of two equal channels.
    private static let leastDifference = 1e-3

    let recording: RecordingDecoder
    let transforms: any TransformProvider
    /// Called now and then with the seconds decoded so far.
    let progress: (@Sendable (Double) -> Void)?

    func extract(track: Int, part: Part) throws -> Result {
        let rate = Int(FeatureLayout.sampleRate)
        var analyzer = RecordingAnalyzer(
            transforms: transforms, expectedSeconds: recording.tracks[track].declaredSeconds ?? 0)
        var mixed: [Float] = []
        var meanEnergy = 0.0
        var differenceEnergy = 0.0
        var frames = 0
        let summary = try recording.decode(track: track, sampleRate: rate) { block in
            if block.channelCount == 1 {
                analyzer.append(block[channel: 0])
            } else if case .channel(let index) = part {
                analyzer.append(block[channel: min(index, block.channelCount - 1)])
            } else {
                ChannelFeatures.mix(block, &mixed, &meanEnergy, &differenceEnergy)
                mixed.withUnsafeBufferPointer { analyzer.append($0) }
            }
            frames += block.frameCount
            progress?(Double(frames) / Double(rate))
        }
        analyzer.finish()
        let differ = differenceEnergy > ChannelFeatures.leastDifference * meanEnergy
        return Result(features: analyzer.features, summary: summary, channelsDiffer: differ)
    }

    /// Mean of the channels, its energy, and that of the channels' differences to it.
    private static func mix(
        _ block: borrowing PlanarBlock, _ mixed: inout [Float], _ meanEnergy: inout Double,
        _ differenceEnergy: inout Double
    ) {
        let count = block.frameCount
        if mixed.count != count { mixed = .init(repeating: 0, count: count) }
        let scale = 1 / Float(block.channelCount)
        for index in 0..<count {
            var sum: Float = 0
            for channel in 0..<block.channelCount { sum += block[channel: channel][index] }
            mixed[index] = sum * scale
        }
        var mean: Float = 0
        var difference: Float = 0
        for index in 0..<count { mean += mixed[index] * mixed[index] }
        for channel in 0..<block.channelCount {
            let samples = block[channel: channel]
            for index in 0..<count {
                let delta = samples[index] - mixed[index]
                difference += delta * delta
            }
        }
        meanEnergy += Double(mean)
        differenceEnergy += Double(difference)
    }
}
