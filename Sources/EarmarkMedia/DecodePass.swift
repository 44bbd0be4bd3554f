internal import CFFmpeg

/// One run over one track, from the first packet to the last, or over a stretch of it.
struct DecodePass: ~Copyable {
    private let decoder: StreamDecoder
    private let track: AudioTrack
    private let path: String
    /// The track's channels that are delivered.
    private let selection: Range<Int>
    private var scratch: SampleScratch
    private var assembler: BlockAssembler
    private var timeline: Timeline
    private var shape: FrameShape?
    private var shapeChanges = 0
    private var decodedAny = false
    private var corruptPackets = 0
    private var frames = 0
    private var unusableFrames = 0
    private var foldsChannels = false
    /// Samples so far, of all channels of the stream.
    private var samples = 0.0
    /// Frames and rate of the last good frame: the length of a lost packet that does not say.
    private var lastLength = 0
    /// The stretch that is decoded; nil for all.
    private let stretch: DecodeStretch?
    /// Whether the stretch has a clock to be found by.
    private let seeks: Bool
    /// Seconds that were decoded before the stretch, for the decoder to settle; nil once it has begun.
    private var settled: Double?
    /// Whether there is no such stretch.
    private var isMissed = false

    /// Changes of rate or channels after which a stream is taken for noise.
    ///
    /// Each one builds a filter; a recording joined from pieces changes a few times at most.
    private static let maximumShapeChanges = 1_000

    /// Packets that do not decode for each frame that does, from which on what decodes is chance.
    ///
    /// Noise passes for a frame of AAC now and then. At most as many as `leastCorrupt` say nothing of the rest.
    private static let hopelessShare = 10
    private static let leastCorrupt = 100

    init(
        source: ByteSource, plan: TrackPlan, track: AudioTrack, channels: Range<Int>, outputRate: Int,
        stretch: DecodeStretch? = nil, isInOnePiece: Bool = false
    ) throws(MediaError) {
        if let stretch, !stretch.isCredible { throw MediaError(.outOfRange, "has no such stretch.", path: source.path) }
        var plan = plan
        let hasClock = plan.rawStream == nil
        if let stretch, !hasClock { plan.window = stretch.window(in: plan.window) }
        self.decoder = try plan.open(source)
        self.stretch = stretch
        seeks = stretch != nil && hasClock
        settled = stretch.map { _ in 0 }
        self.track = track
        self.path = source.path
        selection = channels
        scratch = SampleScratch(gain: plan.gain)
        timeline = Timeline(
            clock: plan.clock, presentation: plan.presentation, start: stretch?.start ?? 0,
            isInOnePiece: isInOnePiece)
        self.assembler = BlockAssembler(channels: channels.count, outputRate: outputRate)
    }

    mutating func run(
        isTruncated: Bool, body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        if let stretch, seeks, !decoder.seek(to: max(0, stretch.start - DecodeStretch.settling)) { isMissed = true }
        decoding: while !isMissed, timeline.decoded < stretch?.seconds ?? .infinity {
            switch decoder.next() {
            case .end: break decoding
            // What a decoder lacks before it has settled is no damage.
            case .damaged where settled != nil, .silent where settled != nil: continue
            case .damaged(let seconds):
                corruptPackets += 1
                try miss(seconds, body)
            case .silent(let seconds): try miss(seconds, isMeant: true, body)
            case .frame(let frame): try take(frame, body)
            }
        }
        try assembler.finish(body)
        if let code = decoder.readError {
            throw MediaError(.unreadable, "reading failed: \(systemMessage(code)).", path: path)
        }
        guard decodedAny || stretch != nil else { throw decoder.nothingDecodes }
        guard corruptPackets < DecodePass.leastCorrupt || corruptPackets < DecodePass.hopelessShare * frames else {
            throw MediaError(
                .corrupt,
                "hardly anything of its audio decodes (\(grouped(Int64(corruptPackets))) packets do not, "
                    + "\(grouped(Int64(frames))) do): the content is damaged.", path: path)
        }
        guard 2 * scratch.samples.replaced <= scratch.samples.all else {
            throw MediaError(
                .corrupt,
                "most of its samples are no numbers, or beyond all scales: this is no audio in the format that it is "
                    + "said to have.", path: path)
        }
        return DecodeSummary(
            decodedFrames: assembler.deliveredFrames, sampleRate: assembler.outputRate, channels: assembler.channels,
            corruptPackets: corruptPackets, isTruncated: isTruncated || decoder.sawCutPacket,
            warnings: ownWarnings, holes: timeline.holes, places: timeline.allPlaces)
    }

    private mutating func take(
        _ frame: UnsafeMutablePointer<AVFrame>, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        guard let newShape = FrameShape(frame) else {
            unusableFrames += 1
            return
        }
        if stretch != nil, isSettling(frame, rate: newShape.sampleRate) { return }
        if newShape != shape { try change(to: newShape, body) }
        let present = newShape.channels == 1 ? 0..<1 : selection.clamped(to: 0..<newShape.channels)
        let isWider = newShape.channels > track.channels
        let loaded = isWider ? 0..<min(newShape.channels, SampleScratch.maximumChannels) : present
        if !loaded.isEmpty {
            guard scratch.load(frame, channels: loaded) else {
                unusableFrames += 1
                return
            }
        }
        if isWider {
            scratch.fold(to: selection, of: track.channels, count: Int(frame.pointee.nb_samples))
            foldsChannels = true
        }
        decodedAny = true
        frames += 1
        lastLength = Int(frame.pointee.nb_samples)
        samples += Double(lastLength) * Double(newShape.channels)
        if let failure = DecodeBounds.failure(
            seconds: timeline.decoded, samples: samples, bytes: decoder.bytesSeen, path: path)
        {
            throw failure
        }
        let step = timeline.next(
            at: decoder.frameSeconds, length: lastLength, rate: newShape.sampleRate)
        try fill(step.silence, body)
        try append(from: min(step.padding, lastLength), present, isMono: newShape.channels == 1, body)
    }

    /// Whether a frame lies before the stretch; takes note where there is no such stretch.
    private mutating func isSettling(_ frame: UnsafeMutablePointer<AVFrame>, rate: Int) -> Bool {
        guard let stretch, let before = settled else { return false }
        if seeks {
            guard let place = decoder.frameSeconds, place <= stretch.start + DecodeStretch.tolerance else {
                isMissed = true
                return true
            }
            if place < stretch.start {
                let seconds = before + Double(frame.pointee.nb_samples) / Double(rate)
                settled = seconds
                isMissed = seconds > DecodeStretch.mostSettling
                return true
            }
        } else if before < min(DecodeStretch.settling, stretch.start) {
            settled = before + Double(frame.pointee.nb_samples) / Double(rate)
            return true
        }
        settled = nil
        return false
    }

    /// Hands on the last frame from sample `first` on; mono goes to every channel; of several, the missing ones are
    /// silent.
    private mutating func append(
        from first: Int, _ present: Range<Int>, isMono: Bool, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        let channels = assembler.channels
        if present.count == channels { return try assembler.append(scratch.planes, from: first, to: lastLength, body) }
        if isMono {
            let planes = [UnsafePointer<Float>](repeating: scratch.planes[0], count: channels)
            return try assembler.append(planes, from: first, to: lastLength, body)
        }
        var start = first
        while start < lastLength {
            let piece = min(lastLength - start, BlockAssembler.silentPlaneLength)
            let missing = [UnsafePointer<Float>](repeating: assembler.silentPlane, count: channels - present.count)
            let planes = present.isEmpty ? [] : scratch.planes.map { $0 + start }
            try assembler.append(planes + missing, to: piece, body)
            start += piece
        }
    }

    private mutating func change(to newShape: FrameShape, _ body: (borrowing PlanarBlock) throws -> Void) throws {
        if shape != nil { shapeChanges += 1 }
        let canConvert = try assembler.setInputRate(newShape.sampleRate, body)
        guard canConvert, shapeChanges <= DecodePass.maximumShapeChanges else {
            throw MediaError(
                .corrupt, "its sample rate or channel count changes all the time: the content is damaged.", path: path)
        }
        shape = newShape
    }

    /// A packet gave nothing for `seconds`.
    private mutating func miss(
        _ seconds: Double?, isMeant: Bool = false, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        // Before the first good frame there is no timeline to keep.
        guard let shape else { return }
        let frame = Double(lastLength) / Double(shape.sampleRate)
        try fill(timeline.miss(seconds, frame: frame, isMeant: isMeant), body)
    }

    private mutating func fill(_ seconds: Double, _ body: (borrowing PlanarBlock) throws -> Void) throws {
        guard let shape, seconds > 0 else { return }
        try assembler.appendSilence(Int((seconds * Double(shape.sampleRate)).rounded()), body)
    }

    private var ownWarnings: [String] {
        var warnings: [String] = []
        if scratch.samples.replaced > 0 {
            warnings.append(
                "\(scratch.samples.replaced) samples were no numbers or beyond all scales, and were clipped")
        }
        if foldsChannels {
            warnings.append(
                "where there are more than the \(track.channels) channels of the beginning, the others were mixed into "
                    + "these")
        }
        if shapeChanges > 0 { warnings.append("sample rate or channel count changed \(shapeChanges) times") }
        if unusableFrames > 0 { warnings.append("\(unusableFrames) decoded frames had an unusable format") }
        return warnings + timeline.warnings
    }
}
