internal import CMath

/// The embedder itself, compiled for one set of vector instructions; use `Embedder`, which chooses among those.
///
/// Public only because embedded Swift lets modules destroy nothing else.
///
/// y = x + sum over bands of g_b[n] * Re z_b[n], z_b a one-pole resonator (docs/signal-design.md).
@safe public struct MarkEngine: ~Copyable {
    /// Frames processed since `init`.
    public private(set) var framesProcessed: Int64 = 0

    /// Gains move every 1/2000 s: a step of the edge is then 0.02 dB, 54 dB below the mark itself.
    private static let updatesPerSecond = 2_000.0
    /// The host's weights move over 20 ms; following them every 4 ms loses nothing.
    static let updatesPerWeighing = 8
    /// A run of zeros of this length empties the resonators, seconds: they have rung down by 50 dB.
    private static let flushSeconds = 0.02
    /// Furthest time from a meeting's origin, seconds: no meeting lasts so long, and chips still count exactly.
    private static let furthestTime = 1e9
    /// Time in which the mark comes back after it had to yield to full scale, seconds.
    private static let headroomRecovery = 0.05
    /// Frames that are carried through the stages together: keeps them in the first cache.
    private static let longestSpan = 256

    private let sampleRate: Double
    let secondsPerFrame: Double
    let channels: Int
    private let factor: Int
    /// Samples of the resonators between two updates of the gains.
    private let interval: Int
    private let framesPerUpdate: Int
    private let updatesPerSpan: Int
    private let flushFrames: Int64
    var bank: ResonatorBank
    var weights: HostWeights
    var timeline: ChipTimeline
    var gains: ChipGains
    let lines: UnsafeMutablePointer<ChannelLine>
    /// Whether a channel follows the first one, and how many frames more the first one had marked and left alone by
    /// then.
    let follows: UnsafeMutablePointer<Bool>
    let leads: UnsafeMutablePointer<(marked: Int64, silent: Int64)>
    /// Whether a channel takes part in the span at hand.
    private let isActive: UnsafeMutablePointer<Bool>
    /// Meeting time of frame 0, seconds.
    var origin = 0.0
    /// Frames since the last update of the gains.
    private var position = 0
    var updatesUntilWeighing = 0
    /// The bank holds the current chip's gains under the current weights.
    var gainsStand = false

    /// Prepares a stream; `Embedder` has checked the ranges.
    public init(
        seeds: MarkSeeds, sampleRate rate: Double, channels: Int, strength: Strength, role: MarkRole = .playout
    ) {
        sampleRate = rate
        secondsPerFrame = 1 / rate
        self.channels = channels
        let design = ResonatorDesign(sampleRate: rate)
        factor = design.rateChange.factor
        let interval = max(2, Int((rate / MarkEngine.updatesPerSecond / Double(factor)).rounded()))
        framesPerUpdate = interval * factor
        updatesPerSpan = max(1, MarkEngine.longestSpan / framesPerUpdate)
        flushFrames = Int64(rate * MarkEngine.flushSeconds)
        let depths = (0..<design.bandCount).map { strength.depth(ofBand: $0, profile: .inForce, role: role) }
        self.interval = interval
        bank = ResonatorBank(
            design: design, channels: channels, stretch: interval * MarkEngine.updatesPerWeighing)
        weights = HostWeights(
            groupCount: bank.groupCount, interval: Double(framesPerUpdate * MarkEngine.updatesPerWeighing) / rate)
        timeline = ChipTimeline(seeds: seeds, role: role)
        gains = ChipGains(
            depths: depths, scale: design.gainPerDecibel(depths: depths), groupCount: bank.groupCount)
        unsafe lines = .allocate(capacity: channels)
        unsafe isActive = .allocate(capacity: channels)
        unsafe isActive.initialize(repeating: false, count: channels)
        unsafe follows = .allocate(capacity: channels)
        unsafe leads = .allocate(capacity: channels)
        for channel in 0..<channels {
            unsafe (follows + channel).initialize(to: channel > 0)
            unsafe (leads + channel).initialize(to: (0, 0))
        }
        let recovery = Float(1 - exp(-1 / (rate * MarkEngine.headroomRecovery)))
        for channel in 0..<channels {
            unsafe (lines + channel).initialize(
                to: ChannelLine(
                    rateChange: design.rateChange, longestSpan: updatesPerSpan * framesPerUpdate, recovery: recovery))
        }
    }

    deinit {
        unsafe lines.deinitialize(count: channels)
        unsafe lines.deallocate()
        unsafe isActive.deallocate()
        unsafe follows.deallocate()
        unsafe leads.deallocate()
    }

    /// Frames that carry the mark, in the channel that has most of them.
    public var framesMarked: Int64 {
        var most: Int64 = 0
        for channel in 0..<channels { most = max(most, marked(channel)) }
        return most
    }

    /// Frames left alone as digital silence in every channel.
    public var framesSilent: Int64 {
        var fewest = Int64.max
        for channel in 0..<channels { fewest = min(fewest, silent(channel)) }
        return fewest
    }

    /// Says that the next frame is played `seconds` into the meeting (may be negative).
    ///
    /// Times beyond `furthestTime` are taken for that limit, and what is no number for 0.
    public mutating func setTime(_ seconds: Double) {
        let time = seconds.isNaN ? 0 : min(max(seconds, -MarkEngine.furthestTime), MarkEngine.furthestTime)
        // A stream that stood still for longer than the windows are long was silent in all of them.
        if abs(time - self.time) > ContentLayout.memorySeconds { weights.history.clear() }
        origin = time - Double(framesProcessed) / sampleRate
    }

    /// Meeting time of the next frame, seconds.
    public var time: Double { origin + Double(framesProcessed) / sampleRate }

    /// Marks `frames` frames of interleaved samples in place, full scale 1.
    public mutating func process(interleaved samples: UnsafeMutableBufferPointer<Float>, frames: Int) {
        precondition(frames >= 0 && samples.count / channels >= frames, "buffer shorter than its frames")
        guard let base = samples.baseAddress else { return }
        var done = 0
        while done < frames {
            let count = nextSpan(atMost: frames - done)
            let start = unsafe base + done * channels
            let stride = channels
            mark(count) { unsafe ChannelFrames(start: start, place: $0, stride: stride) }
            done += count
        }
    }

    /// Marks `frames` frames in place, one buffer of samples for each channel, full scale 1.
    ///
    /// `planes` holds as many pointers as there are channels, each to `frames` samples.
    public mutating func process(planes: UnsafePointer<UnsafeMutablePointer<Float>>, frames: Int) {
        precondition(frames >= 0)
        var done = 0
        while done < frames {
            let count = nextSpan(atMost: frames - done)
            let first = done
            mark(count) { unsafe ChannelFrames(start: planes[$0] + first, place: 0, stride: 1) }
            done += count
        }
    }

    /// Marks a span, whose samples `frames` tells for each channel.
    @inline(__always)
    private mutating func mark(_ count: Int, _ frames: (Int) -> ChannelFrames) {
        let phase = position % factor
        for channel in 1..<max(1, channels) where unsafe follows[channel] {
            if !frames(channel).holdsSame(as: frames(0), count: count) { part(channel) }
        }
        for channel in 0..<channels where unsafe !follows[channel] {
            unsafe isActive[channel] = lines[channel].load(frames(channel), count: count, phase: phase)
        }
        runBank(count)
        for channel in 0..<channels where unsafe !follows[channel] && isActive[channel] {
            unsafe lines[channel].finish(frames(channel), count: count, phase: phase)
        }
        for channel in 1..<max(1, channels) where unsafe follows[channel] && isActive[0] {
            frames(channel).copy(frames(0), count: count)
        }
        framesProcessed += Int64(count)
        position = (position + count) % framesPerUpdate
    }

    /// Frames to carry through all stages next: to the end of an interval, or several whole ones.
    private mutating func nextSpan(atMost frames: Int) -> Int {
        if position > 0 { return min(framesPerUpdate - position, frames) }
        flushSilentChannels()
        let updates = frames / framesPerUpdate
        if updates < 2 { return min(framesPerUpdate, frames) }
        let span = min(updates, updatesPerSpan) * framesPerUpdate
        // Within a span nothing is flushed, so none may be due there.
        for channel in 0..<channels where unsafe !follows[channel] && !lines[channel].isEmpty {
            if unsafe lines[channel].zeroRun + Int64(span) >= flushFrames { return framesPerUpdate }
        }
        return span
    }

    /// Runs the resonators over a span, with new gains at the beginning of every interval.
    private mutating func runBank(_ count: Int) {
        var done = 0
        var place = position
        while done < count {
            if place == 0 { updateGains(at: framesProcessed + Int64(done)) }
            let length = min(framesPerUpdate - place, count - done)
            let phase = position % factor
            let first = ChannelLine.samples(count: done, phase: phase, factor: factor)
            let fresh = ChannelLine.samples(count: length, phase: place % factor, factor: factor)
            // The bank's stretches are those between two weighings.
            let update = MarkEngine.updatesPerWeighing - 1 - updatesUntilWeighing
            let start = update * interval + (place + factor - 1) / factor
            for channel in 0..<channels where unsafe !follows[channel] && isActive[channel] {
                unsafe bank.process(
                    lines[channel].low + first, start: start, count: fresh, channel: channel,
                    into: lines[channel].lowMark + first)
            }
            done += length
            place = 0
        }
    }

    /// Empties the filters of channels that have been silent long enough.
    ///
    /// Between updates only, whose frames do not depend on how the caller cuts the stream.
    private mutating func flushSilentChannels() {
        for channel in 0..<channels {
            guard unsafe !follows[channel], unsafe !lines[channel].isEmpty,
                unsafe lines[channel].zeroRun >= flushFrames
            else { continue }
            bank.flush(channel: channel)
            unsafe lines[channel].flush()
        }
        rejoin()
    }
}
