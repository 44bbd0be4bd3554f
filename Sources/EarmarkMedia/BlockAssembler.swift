internal import CFFmpeg

/// Collects planar audio, at one rate and channel count whatever comes in, and hands it on in large blocks.
struct BlockAssembler: ~Copyable {
    let channels: Int
    let outputRate: Int
    /// Frames handed on so far.
    private(set) var deliveredFrames: Int64 = 0

    private let storage: UnsafeMutablePointer<Float>
    private let silence: UnsafeMutablePointer<Float>
    private var filled = 0
    /// Makes the output rate of a multiple of it; the resampler makes it of others.
    private var divider: RateDivider?
    private var resampler: OpaquePointer?
    private var inputRate = 0

    /// Frames in a full block: long enough that a call costs nothing, short enough to stay in the cache.
    static let capacity = 16_384
    /// Longest piece given to the resampler at once, in frames.
    private static let maximumPiece = 4096

    /// Filter length, in periods of the lower of both rates.
    ///
    /// Measured in the tests at 44.1, 48 and 96 kHz down to 16 kHz: with these three values, aliases into 0...7.25 kHz
    /// stay below -62 dB, and the level is down by 0.12 dB at 7.0 kHz and by 0.8 dB at 7.25 kHz. Four periods less fail
    /// the one or the other. The conversion then takes half the time of decoding AAC.
    static let filterSize: Int64 = 32
    /// Middle of the transition band as a fraction of the lower Nyquist frequency.
    ///
    /// The band of interest ends at 7.3 kHz of 8 kHz, so the transition may reach beyond Nyquist.
    static let cutoff = 0.97
    /// Shape of the Kaiser window; swresample's own 9 pays with a wider transition for 90 dB that nobody needs.
    static let kaiserBeta: Int64 = 6

    init(channels: Int, outputRate: Int) {
        self.channels = channels
        self.outputRate = outputRate
        let count = channels * BlockAssembler.capacity
        storage = .allocate(capacity: count)
        storage.initialize(repeating: 0, count: count)
        silence = .allocate(capacity: BlockAssembler.maximumPiece)
        silence.initialize(repeating: 0, count: BlockAssembler.maximumPiece)
    }

    deinit {
        var freed = resampler
        if freed != nil { ffmpeg.swr_free(&freed) }
        storage.deallocate()
        silence.deallocate()
    }

    /// Prepares for input at `rate`, in hertz; false if that rate cannot be converted.
    mutating func setInputRate(_ rate: Int, _ body: (borrowing PlanarBlock) throws -> Void) throws -> Bool {
        guard rate != inputRate else { return true }
        try drain(body)
        inputRate = rate
        guard rate != outputRate else { return true }
        let (ratio, rest) = rate.quotientAndRemainder(dividingBy: outputRate)
        guard rest == 0, RateDivider.ratios.contains(ratio) else { return makeResampler() }
        divider = RateDivider(ratio: ratio, channels: channels, longestPiece: BlockAssembler.maximumPiece)
        return true
    }

    /// Appends the frames from `first` up to `end`; `planes` must hold `channels` pointers.
    mutating func append(
        _ planes: [UnsafePointer<Float>], from first: Int = 0, to end: Int,
        _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        var start = first
        while start < end {
            let piece = min(end - start, pieceLength)
            if let divider {
                try makeRoom(divider.most(piece), body)
                filled += divider.divide(
                    planes, offset: start, count: piece, into: storage + filled, stride: BlockAssembler.capacity)
            } else if resampler == nil {
                try makeRoom(piece, body)
                for channel in 0..<channels {
                    (storage + channel * BlockAssembler.capacity + filled).update(
                        from: planes[channel] + start, count: piece)
                }
                filled += piece
            } else {
                try resample(planes, offset: start, count: piece, body)
            }
            start += piece
        }
    }

    /// Appends `count` frames of silence, counted at the input rate.
    mutating func appendSilence(_ count: Int, _ body: (borrowing PlanarBlock) throws -> Void) throws {
        let planes = [UnsafePointer<Float>](repeating: UnsafePointer(silence), count: channels)
        var left = count
        while left > 0 {
            let piece = min(left, BlockAssembler.maximumPiece)
            try append(planes, to: piece, body)
            left -= piece
        }
    }

    /// Hands on all that is left.
    mutating func finish(_ body: (borrowing PlanarBlock) throws -> Void) throws {
        try drain(body)
        try emit(body)
    }

    /// Silence for input channels that a stream lacks for a while.
    var silentPlane: UnsafePointer<Float> { UnsafePointer(silence) }
    /// Frames that `silentPlane` holds.
    static var silentPlaneLength: Int { maximumPiece }

    private var pieceLength: Int {
        guard resampler != nil, outputRate > inputRate else { return BlockAssembler.maximumPiece }
        // At most half a block comes out of one piece.
        return max(1, min(BlockAssembler.maximumPiece, BlockAssembler.capacity / 2 * inputRate / outputRate))
    }

    private mutating func makeResampler() -> Bool {
        guard FFmpegLibrary.isThere else { return false }
        var layout = AVChannelLayout()
        ffmpeg.av_channel_layout_default(&layout, Int32(channels))
        defer { ffmpeg.av_channel_layout_uninit(&layout) }
        var made: OpaquePointer?
        let result = withUnsafeMutablePointer(to: &layout) { layout in
            ffmpeg.swr_alloc_set_opts2(
                &made, layout, AV_SAMPLE_FMT_FLTP, Int32(outputRate), layout, AV_SAMPLE_FMT_FLTP, Int32(inputRate), 0,
                nil)
        }
        guard result >= 0, let made else { return false }
        let object = UnsafeMutableRawPointer(made)
        _ = ffmpeg.av_opt_set_int(object, "filter_size", BlockAssembler.filterSize, 0)
        _ = ffmpeg.av_opt_set_int(object, "kaiser_beta", BlockAssembler.kaiserBeta, 0)
        _ = ffmpeg.av_opt_set_double(object, "cutoff", BlockAssembler.cutoff, 0)
        resampler = made
        return ffmpeg.swr_init(made) >= 0
    }

    private mutating func resample(
        _ planes: [UnsafePointer<Float>], offset: Int, count: Int, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws {
        guard let resampler else { return }
        try makeRoom(min(BlockAssembler.capacity, Int(ffmpeg.swr_get_out_samples(resampler, Int32(count)))), body)
        var sources = planes.prefix(channels).map { plane -> UnsafePointer<UInt8>? in
            UnsafeRawPointer(plane + offset).assumingMemoryBound(to: UInt8.self)
        }
        let made = convert(resampler, &sources, count)
        filled += max(0, Int(made))
    }

    /// What divider or resampler still holds comes out, and it is gone.
    private mutating func drain(_ body: (borrowing PlanarBlock) throws -> Void) throws {
        if let divider {
            self.divider = nil
            try makeRoom(divider.most(0), body)
            filled += divider.finish(into: storage + filled, stride: BlockAssembler.capacity)
        }
        guard let resampler else { return }
        defer {
            var freed: OpaquePointer? = resampler
            ffmpeg.swr_free(&freed)
            self.resampler = nil
        }
        while true {
            try makeRoom(BlockAssembler.capacity / 2, body)
            var none: [UnsafePointer<UInt8>?] = []
            let made = Int(convert(resampler, &none, 0))
            guard made > 0 else { return }
            filled += made
        }
    }

    /// Runs the resampler into the free part of the block; no sources means the end of input.
    private func convert(_ resampler: OpaquePointer, _ sources: inout [UnsafePointer<UInt8>?], _ count: Int) -> Int32 {
        var targets = (0..<channels).map { channel -> UnsafeMutablePointer<UInt8>? in
            UnsafeMutableRawPointer(storage + channel * BlockAssembler.capacity + filled)
                .assumingMemoryBound(to: UInt8.self)
        }
        let room = Int32(BlockAssembler.capacity - filled)
        guard !sources.isEmpty else { return ffmpeg.swr_convert(resampler, &targets, room, nil, 0) }
        return ffmpeg.swr_convert(resampler, &targets, room, &sources, Int32(count))
    }

    private mutating func makeRoom(_ count: Int, _ body: (borrowing PlanarBlock) throws -> Void) throws {
        if BlockAssembler.capacity - filled < count { try emit(body) }
    }

    private mutating func emit(_ body: (borrowing PlanarBlock) throws -> Void) throws {
        guard filled > 0 else { return }
        let count = filled
        filled = 0
        deliveredFrames += Int64(count)
        try body(
            PlanarBlock(
                base: UnsafePointer(storage), stride: BlockAssembler.capacity, channelCount: channels,
                frameCount: count))
    }
}
