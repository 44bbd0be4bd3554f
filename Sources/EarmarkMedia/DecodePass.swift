internal import CFFmpeg

/// One run over one track, from the first packet to the last.
struct DecodePass: ~Copyable {
    private let decoder: StreamDecoder
    private let track: AudioTrack
    private let path: String
    private var scratch = SampleScratch()
    private var assembler: BlockAssembler
    private var shape: FrameShape?
    private var shapeChanges = 0
    private var decodedAny = false
    private var corruptPackets = 0
    private var unusableFrames = 0
    private var lostChannels = false
    /// Frames and rate of the last good frame: the length of a lost packet that does not say.
    private var lastLength = 0

    /// Changes of rate or channels after which a stream is taken for noise.
    ///
    /// Each one builds a filter; a recording joined from pieces changes a few times at most.
    private static let maximumShapeChanges = 1_000
    /// Longest silence put in for one lost packet, in seconds: a packet that claims more is not believed.
    private static let longestGap = 2.0

    init(source: ByteSource, plan: TrackPlan, track: AudioTrack, outputRate: Int) throws(MediaError) {
        self.decoder = try plan.open(source)
        self.track = track
        self.path = source.path
        self.assembler = BlockAssembler(
            channels: min(track.channels, SampleScratch.maximumChannels), outputRate: outputRate)
    }

    mutating func run(
        isTruncated: Bool, warnings: [String], body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        decoding: while true {
            switch decoder.next() {
            case .end: break decoding
            case .damaged(let seconds):
                corruptPackets += 1
                try fillGap(seconds, body)
            case .frame(let frame): try take(frame, body)
            }
        }
        try assembler.finish(body)
        if let code = decoder.readError {
            throw MediaError(.unreadable, "reading failed: \(systemMessage(code)).", path: path)
        }
        guard decodedAny else {
            throw MediaError(.corrupt, "nothing in its audio decodes: the content is damaged.", path: path)
        }
        return DecodeSummary(
            decodedFrames: assembler.deliveredFrames, sampleRate: assembler.outputRate, channels: assembler.channels,
            corruptPackets: corruptPackets, isTruncated: isTruncated || decoder.sawCutPacket,
            warnings: warnings + ownWarnings)
    }

    private mutating func take(
        _ frame: UnsafeMutablePointer<AVFrame>, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        guard let newShape = FrameShape(frame) else {
            unusableFrames += 1
            return
        }
        if newShape != shape { try change(to: newShape, body) }
        let present = min(newShape.channels, assembler.channels)
        guard scratch.load(frame, channels: present) else {
            unusableFrames += 1
            return
        }
        if newShape.channels > track.channels { lostChannels = true }
        decodedAny = true
        lastLength = Int(frame.pointee.nb_samples)
        guard present < assembler.channels else {
            return try assembler.append(scratch.planes, count: lastLength, body)
        }
        try appendWithMissingChannels(present, body)
    }

    /// Mono goes to every channel; of several, the missing ones are silent.
    private mutating func appendWithMissingChannels(
        _ present: Int, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        let channels = assembler.channels
        if present == 1 {
            let planes = [UnsafePointer<Float>](repeating: scratch.planes[0], count: channels)
            return try assembler.append(planes, count: lastLength, body)
        }
        var start = 0
        while start < lastLength {
            let piece = min(lastLength - start, BlockAssembler.silentPlaneLength)
            let missing = [UnsafePointer<Float>](repeating: assembler.silentPlane, count: channels - present)
            try assembler.append(scratch.planes.map { $0 + start } + missing, count: piece, body)
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

    private mutating func fillGap(_ seconds: Double?, _ body: (borrowing PlanarBlock) throws -> Void) throws {
        // Before the first good frame there is no timeline to keep.
        guard let shape, let seconds, seconds <= DecodePass.longestGap else { return }
        // The claimed duration is rounded to the container's clock: a good frame's length is exact.
        let claimed = seconds * Double(shape.sampleRate)
        let isWholeFrame = (claimed - Double(lastLength)).magnitude <= StreamDecoder.durationTolerance * claimed
        try assembler.appendSilence(isWholeFrame ? lastLength : Int(claimed.rounded()), body)
    }

    private var ownWarnings: [String] {
        var warnings: [String] = []
        if scratch.replacedSamples > 0 {
            warnings.append("\(scratch.replacedSamples) samples were not finite numbers and were taken as silence")
        }
        if track.channels > assembler.channels {
            warnings.append("only the first \(assembler.channels) of \(track.channels) channels were used")
        }
        if lostChannels {
            warnings.append("passages with more than \(track.channels) channels lost the additional ones")
        }
        if shapeChanges > 0 { warnings.append("sample rate or channel count changed \(shapeChanges) times") }
        if unusableFrames > 0 { warnings.append("\(unusableFrames) decoded frames had an unusable format") }
        return warnings
    }
}
