internal import CMath
import EarmarkDSP

/// Marks audio live: adds a slow, small gain pattern on sub-bands, without delay.
///
/// Life cycle: `init` allocates everything; `setTime` places the next sample in the meeting; `process` marks any number
/// of frames in place and may be called with any block size: results do not depend on how a stream is cut. `process`
/// does not allocate, lock or throw. One instance serves one stream and one thread at a time.
///
/// y = x + sum over bands of g_b[n] * Re z_b[n], z_b a one-pole resonator (docs/signal-design.md). Two or more zero
/// samples in a row stay zero, non-finite samples pass through unmarked, and no sample is pushed beyond full scale.
public struct Embedder: ~Copyable {
    /// What an embedder is made for.
    public struct Parameters: Sendable {
        /// Hertz, 8,000...192,000.
        public var sampleRate: Double
        /// 1...8; every channel carries the same chips and, so that the stereo image stays, the same weights.
        public var channels: Int
        /// Position of the dial.
        public var strength: Strength

        /// Sample rate in hertz, number of channels and strength.
        public init(sampleRate: Double, channels: Int, strength: Strength = .standard) {
            self.sampleRate = sampleRate
            self.channels = channels
            self.strength = strength
        }
    }

    /// Lowest and highest sample rate, hertz.
    public static let sampleRates = 8_000.0...192_000.0
    /// Fewest and most channels.
    public static let channelCounts = 1...8

    /// Frames processed since `init`.
    public private(set) var framesProcessed: Int64 = 0

    /// Gains move every 1/3000 s: a step of the edge is then 0.01 dB, 57 dB below the mark itself.
    private static let updatesPerSecond = 3_000.0
    /// The host's weights move over 20 ms; following them at a quarter of that rate of steps loses nothing.
    private static let updatesPerWeighing = 4
    /// Share of a chip that a gain edge takes; 30 % was more audible on tonal hosts at equal detection.
    private static let edgeShare = 0.6
    /// A run of zeros of this length empties the resonators, seconds: they have rung down by 50 dB.
    private static let flushSeconds = 0.02
    /// Furthest time from a meeting's origin, seconds: no meeting lasts so long, and chips still count exactly.
    private static let furthestTime = 1e9
    /// Time in which the mark comes back after it had to yield to full scale, seconds.
    private static let headroomRecovery = 0.05

    private let parameters: Parameters
    private let framesPerUpdate: Int
    private let flushFrames: Int
    private let recoveryPerFrame: Float
    private var bank: ResonatorBank
    private var weights: HostWeights
    private var timeline: ChipTimeline
    private var block: EmbedderMemory
    /// Meeting time of frame 0 of the current timeline, seconds, and frames since.
    private var origin = 0.0
    private var frame: Int64 = 0
    private var framesUntilUpdate = 0
    private var updatesUntilWeighing = 0

    /// Prepares a stream; nil if the parameters are out of range.
    public init?(seeds: MarkSeeds, parameters: Parameters) {
        guard Embedder.sampleRates.contains(parameters.sampleRate),
            Embedder.channelCounts.contains(parameters.channels)
        else { return nil }
        self.parameters = parameters
        let rate = parameters.sampleRate
        framesPerUpdate = max(2, Int((rate / Embedder.updatesPerSecond).rounded()))
        flushFrames = Int(rate * Embedder.flushSeconds)
        recoveryPerFrame = Float(1 - exp(-1 / (rate * Embedder.headroomRecovery)))
        let design = ResonatorDesign(sampleRate: rate)
        let depths = (0..<design.bandCount).map { parameters.strength.depth(ofBand: $0) }
        bank = ResonatorBank(design: design, channels: parameters.channels)
        weights = HostWeights(
            groupCount: bank.groupCount, interval: Double(framesPerUpdate * Embedder.updatesPerWeighing) / rate)
        timeline = ChipTimeline(seeds: seeds)
        block = EmbedderMemory(
            depths: depths, scale: design.gainPerDecibel(depths: depths), groupCount: bank.groupCount,
            channels: parameters.channels)
    }

    /// Says that the next frame is played `seconds` into the meeting (may be negative).
    ///
    /// Filters keep running.
    ///
    /// Times beyond 1e9 s, 31 years, are taken for that limit, and what is no number for 0.
    public mutating func setTime(_ seconds: Double) {
        origin = seconds.isNaN ? 0 : min(max(seconds, -Embedder.furthestTime), Embedder.furthestTime)
        frame = 0
        framesUntilUpdate = 0
    }

    /// Marks `frames` frames of interleaved samples in place, full scale 1.
    public mutating func process(interleaved samples: UnsafeMutableBufferPointer<Float>, frames: Int) {
        let channels = parameters.channels
        precondition(frames >= 0 && samples.count >= frames * channels, "buffer shorter than its frames")
        var done = 0
        while done < frames {
            if framesUntilUpdate == 0 {
                flushSilentChannels()
                updateGains()
                framesUntilUpdate = framesPerUpdate
            }
            let count = min(framesUntilUpdate, frames - done)
            for channel in 0..<channels {
                unsafe markChannel(channel, of: samples, from: done * channels + channel, count: count)
            }
            framesUntilUpdate -= count
            frame += Int64(count)
            done += count
        }
        framesProcessed += Int64(frames)
    }

    private mutating func markChannel(
        _ channel: Int, of samples: UnsafeMutableBufferPointer<Float>, from start: Int, count: Int
    ) {
        let stride = parameters.channels
        let scratch = unsafe block.scratch
        let mark = unsafe block.mark
        var state = unsafe block.channels[channel]
        var silent = state.isEmpty
        for index in 0..<count {
            let x = unsafe samples[start + index * stride]
            // Not finite, absurdly large or denormal: the filters must not see it.
            let usable = abs(x) < 1e6 && abs(x) > 1e-20
            unsafe scratch[index] = usable ? x : 0
            silent = silent && x == 0
        }
        // Empty filters and zeros make zeros: there is nothing to do.
        if silent { return }
        state.isEmpty = false
        unsafe bank.process(scratch, count: count, channel: channel, gains: block.gains, into: mark)
        for index in 0..<count {
            let x = unsafe samples[start + index * stride]
            state.zeroRun = x == 0 ? state.zeroRun + 1 : 0
            if state.zeroRun >= 2 || !x.isFinite { continue }
            unsafe samples[start + index * stride] = withinFullScale(x, mark[index], &state.headroom)
        }
        unsafe block.channels[channel] = state
    }

    /// `x + mark`, the mark turned down at once where the sum would pass full scale, and back up slowly.
    @inline(__always)
    private func withinFullScale(_ x: Float, _ mark: Float, _ headroom: inout Float) -> Float {
        if headroom < 1 { headroom += (1 - headroom) * recoveryPerFrame }
        let sum = x + mark * headroom
        guard abs(sum) > 1, abs(sum) > abs(x) else { return sum }
        let room = max(0, 1 - abs(x))
        headroom = min(headroom, room / abs(mark))
        let limited = x + mark * headroom
        return abs(limited) > max(1, abs(x)) ? x : limited
    }

    /// Empties the filters of channels that have been silent long enough.
    ///
    /// Between updates only, whose frames do not depend on how the caller cuts the stream.
    private mutating func flushSilentChannels() {
        for channel in 0..<parameters.channels {
            let state = unsafe block.channels[channel]
            guard state.zeroRun >= flushFrames && !state.isEmpty else { continue }
            bank.flush(channel: channel)
            unsafe block.channels[channel].isEmpty = true
        }
    }

    private mutating func updateGains() {
        if updatesUntilWeighing == 0 {
            weights.update(bank)
            updatesUntilWeighing = Embedder.updatesPerWeighing
        }
        updatesUntilWeighing -= 1
        let seconds = origin + Double(frame) / parameters.sampleRate
        let position = seconds / MarkLayout.chipSeconds
        let chip = Int64(position.rounded(.down))
        if chip != timeline.chip {
            timeline.move(to: chip)
            block.load(timeline)
        }
        // Within half an edge of a chip's border the gain is on its way from or to the neighbour, half-way at the border.
        let phase = position - Double(chip)
        let half = Embedder.edgeShare / 2
        if phase < half {
            block.blend(.previous, share: edge(phase / half / 2 + 0.5), weights: weights)
        } else if phase > 1 - half {
            block.blend(.next, share: 1 - edge((phase - (1 - half)) / half / 2), weights: weights)
        } else {
            block.blend(.next, share: 1, weights: weights)
        }
    }

    /// Raised cosine from 0 at 0 to 1 at 1.
    private func edge(_ position: Double) -> Float { Float(0.5 - 0.5 * cos(Double.pi * position)) }
}
