internal import CMath

#if EARMARK_V3
    internal import EarmarkMarkV3
#endif

/// Marks audio live: adds a slow, small gain pattern on sub-bands, without delay.
///
/// Life cycle: `init` allocates everything; `setTime` places the next sample in the meeting; `process` marks any number
/// of frames in place and may be called with any block size: results do not depend on how a stream is cut. `process`
/// does not allocate, lock or throw. One instance serves one stream and one thread at a time.
///
/// Two or more zero samples in a row stay zero, non-finite samples pass through unmarked, and no sample is pushed
/// beyond full scale.
@safe public struct Embedder: ~Copyable {
    /// What an embedder is made for.
    public struct Parameters: Sendable {
        /// Hertz, 8,000...192,000.
        public var sampleRate: Double
        /// 1...8; every channel carries the same chips and, so that the stereo image stays, the same weights.
        public var channels: Int
        /// Position of the dial.
        public var strength: Strength
        /// Which of the client's streams this is.
        public var role: MarkRole

        /// Sample rate in hertz, number of channels, strength and role.
        public init(
            sampleRate: Double, channels: Int, strength: Strength = .standard, role: MarkRole = .playout
        ) {
            self.sampleRate = sampleRate
            self.channels = channels
            self.strength = strength
            self.role = role
        }
    }

    /// Lowest and highest sample rate, hertz.
    public static let sampleRates = 8_000.0...192_000.0
    /// Fewest and most channels.
    public static let channelCounts = 1...8

    /// What happened to the frames since `init`.
    public struct Counters: Sendable, Equatable {
        /// Frames processed.
        public var frames: Int64 = 0
        /// Frames that carry the mark, in the channel that has most of them.
        public var framesMarked: Int64 = 0
        /// Frames left alone as digital silence in every channel: from the second zero in a row on.
        public var framesSilent: Int64 = 0
    }

    /// Sets of vector instructions that there is code for.
    package enum Instructions: CaseIterable {
        /// What every processor of the architecture has.
        case baseline
        /// x86-64-v3: AVX2 and three-operand forms. Same bits, half the time.
        case v3

        /// The best that this processor has.
        package static var best: Instructions { earmark_cpu_is_x86_64_v3() != 0 ? .v3 : .baseline }
    }

    private let parameters: Parameters
    /// One of the two; behind pointers because only one is made.
    private let baseline: UnsafeMutablePointer<MarkEngine>?
    #if EARMARK_V3
        private let v3: UnsafeMutablePointer<EarmarkMarkV3.MarkEngine>?
    #endif

    /// Prepares a stream; nil if the parameters are out of range.
    public init?(seeds: MarkSeeds, parameters: Parameters) {
        self.init(seeds: seeds, parameters: parameters, instructions: .best)
    }

    /// Prepares a stream for a processor that has `instructions`.
    package init?(seeds: MarkSeeds, parameters: Parameters, instructions: Instructions) {
        guard Embedder.sampleRates.contains(parameters.sampleRate),
            Embedder.channelCounts.contains(parameters.channels)
        else { return nil }
        self.parameters = parameters
        #if EARMARK_V3
            if instructions == .v3, let engine = unsafe Embedder.makeV3(seeds, parameters) {
                unsafe v3 = engine
                unsafe baseline = nil
                return
            }
            unsafe v3 = nil
        #endif
        let engine = UnsafeMutablePointer<MarkEngine>.allocate(capacity: 1)
        unsafe engine.initialize(
            to: MarkEngine(
                seeds: seeds, sampleRate: parameters.sampleRate, channels: parameters.channels,
                strength: parameters.strength, role: parameters.role))
        unsafe baseline = engine
    }

    deinit {
        #if EARMARK_V3
            unsafe v3?.deinitialize(count: 1).deallocate()
        #endif
        unsafe baseline?.deinitialize(count: 1).deallocate()
    }

    /// Frames processed since `init`.
    public var framesProcessed: Int64 { counters.frames }

    /// What happened to the frames since `init`.
    public var counters: Counters {
        #if EARMARK_V3
            if let v3 = unsafe v3 {
                return unsafe Counters(
                    frames: v3.pointee.framesProcessed, framesMarked: v3.pointee.framesMarked,
                    framesSilent: v3.pointee.framesSilent)
            }
        #endif
        guard let baseline = unsafe baseline else { return Counters() }
        return unsafe Counters(
            frames: baseline.pointee.framesProcessed, framesMarked: baseline.pointee.framesMarked,
            framesSilent: baseline.pointee.framesSilent)
    }

    /// Meeting time of the next frame, seconds.
    public var time: Double {
        #if EARMARK_V3
            if let v3 = unsafe v3 { return unsafe v3.pointee.time }
        #endif
        return unsafe baseline?.pointee.time ?? 0
    }

    /// Says that the next frame is played `seconds` into the meeting (may be negative).
    ///
    /// Filters keep running; gains follow within 1/2000 s. Times beyond 1e9 s, 31 years, are taken for that limit, and
    /// what is no number for 0.
    public mutating func setTime(_ seconds: Double) {
        #if EARMARK_V3
            unsafe v3?.pointee.setTime(seconds)
        #endif
        unsafe baseline?.pointee.setTime(seconds)
    }

    /// Marks `frames` frames of interleaved samples in place, full scale 1.
    public mutating func process(interleaved samples: UnsafeMutableBufferPointer<Float>, frames: Int) {
        precondition(
            frames >= 0 && samples.count / parameters.channels >= frames, "buffer shorter than its frames")
        #if EARMARK_V3
            unsafe v3?.pointee.process(interleaved: samples, frames: frames)
        #endif
        unsafe baseline?.pointee.process(interleaved: samples, frames: frames)
    }

    /// Marks `frames` frames in place, one buffer of samples for each channel, full scale 1.
    ///
    /// `planes` holds as many pointers as there are channels, each to `frames` samples.
    public mutating func process(planes: UnsafePointer<UnsafeMutablePointer<Float>>, frames: Int) {
        precondition(frames >= 0)
        #if EARMARK_V3
            unsafe v3?.pointee.process(planes: planes, frames: frames)
        #endif
        unsafe baseline?.pointee.process(planes: planes, frames: frames)
    }

    #if EARMARK_V3
        /// The same seeds and parameters in the types of the other module, which is compiled from the same files.
        private static func makeV3(
            _ seeds: MarkSeeds, _ parameters: Parameters
        ) -> UnsafeMutablePointer<EarmarkMarkV3.MarkEngine>? {
            guard let pilot = EarmarkMarkV3.Seed(bytes: seeds.shared.pilot.bytes),
                let timeline = EarmarkMarkV3.Seed(bytes: seeds.shared.timeline.bytes),
                let identity = EarmarkMarkV3.Seed(bytes: seeds.identity.bytes),
                let tag = EarmarkMarkV3.Seed(bytes: seeds.tag.bytes)
            else { return nil }
            // By cases: comparing text would need Unicode's tables, which embedded Swift has not.
            let strength: EarmarkMarkV3.Strength =
                switch parameters.strength {
                case .transparent: .transparent
                case .standard: .standard
                case .robust: .robust
                }
            let role: EarmarkMarkV3.MarkRole =
                switch parameters.role {
                case .playout: .playout
                case .microphone: .microphone
                }
            let engine = UnsafeMutablePointer<EarmarkMarkV3.MarkEngine>.allocate(capacity: 1)
            unsafe engine.initialize(
                to: EarmarkMarkV3.MarkEngine(
                    seeds: .init(shared: .init(pilot: pilot, timeline: timeline), identity: identity, tag: tag),
                    sampleRate: parameters.sampleRate, channels: parameters.channels, strength: strength, role: role))
            return unsafe engine
        }
    #endif
}
