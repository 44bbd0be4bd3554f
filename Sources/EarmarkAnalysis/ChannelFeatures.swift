internal import EarmarkDSP
internal import EarmarkDetect
internal import EarmarkMedia

/// Decodes a track into the features of the sum of its channels, or of one channel.
///
/// The sum is examined first: two channels of the same source gain from it. Channels that differ are then examined
/// one by one, since a pair in antiphase cancels and two sources may sit on different sides. One channel's features are
/// in memory at a time.
struct ChannelFeatures {
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
    /// When all of it must be over.
    let deadline: AnalysisDeadline
    /// Called now and then with the seconds decoded so far, and those that the file claims to have, if it does.
    let progress: (@Sendable (Double, Double?) -> Void)?

    /// The sum of a track's channels; `path` is a factor on the recording's frequencies that is undone; `host` is what
    /// a reference holds at every frame, to be taken out.
    func extract(track: Int, path: PitchPath = .init(constant: 1), host: HostTrack? = nil) throws -> Result {
        let seconds = recording.track(track).declaredSeconds
        let pipeline = FeaturePipeline(
            transforms: transforms, expectedSeconds: seconds ?? 0, path: path, host: host)
        return try extract(track: track, pipeline, of: seconds) { rate, body in
            try recording.decode(track: track, sampleRate: rate, body: body)
        }
    }

    /// The sum of a track's channels in a stretch, which is decoded by itself.
    func extract(track: Int, stretch: DecodeStretch) throws -> Result {
        let pipeline = FeaturePipeline(transforms: transforms, expectedSeconds: stretch.seconds)
        return try extract(track: track, pipeline, of: stretch.seconds) { rate, body in
            try recording.decode(track: track, stretch: stretch, sampleRate: rate, body: body)
        }
    }

    /// The sum of the channels that `decode` hands on, of about `seconds`, as `pipeline` has it.
    private func extract(
        track: Int, _ pipeline: FeaturePipeline, of seconds: Double?,
        _ decode: (_ rate: Int, _ body: (borrowing PlanarBlock) throws -> Void) throws -> DecodeSummary
    ) throws -> Result {
        let rate = Int(FeatureLayout.sampleRate)
        var mixed: [Float] = []
        var meanEnergy = 0.0
        var differenceEnergy = 0.0
        var frames = 0
        let summary = try decode(rate) { block in
            if block.channelCount == 1 {
                pipeline.append(block[channel: 0])
            } else {
                ChannelFeatures.mix(block, &mixed, &meanEnergy, &differenceEnergy)
                mixed.withUnsafeBufferPointer { pipeline.append($0) }
            }
            frames += block.frameCount
            try deadline.check()
            progress?(Double(frames) / Double(rate), seconds)
        }
        let differ = differenceEnergy > ChannelFeatures.leastDifference * meanEnergy
        var features = pipeline.finish()
        features.track = track
        return Result(features: features, summary: summary, channelsDiffer: differ)
    }

    /// The sum of a track's channels with a change of speed, tempo or pitch undone.
    func extract(track: Int, warp: Warp, path: PitchPath? = nil) throws -> FeatureMatrix {
        let path = path ?? PitchPath(constant: warp.pitch)
        var features = try extract(track: track, path: path).features.resampled(rate: warp.rate)
        features.track = track
        return features
    }

    /// What the features of channels that are extracted in one pass may take together, bytes.
    private static let passBytes = 60e6
    /// What a channel takes of it: workspaces, and so much for each second.
    private static let channelBytes = (fixed: 5e6, perSecond: 2_000.0)

    /// Hands the features of some channels of a track of about `seconds` to `body`, one channel after the other.
    ///
    /// Decodes once for as many channels as fit into memory: 64 channels of an hour take seven passes.
    func forEachChannel(
        _ channels: Range<Int>, track: Int, seconds: Double, _ body: (FeatureMatrix) throws -> Void
    ) throws {
        let size = ChannelFeatures.channelBytes
        let most = max(1, Int(ChannelFeatures.passBytes / (size.fixed + size.perSecond * max(0, seconds))))
        var start = channels.lowerBound
        while start < channels.upperBound {
            let group = start..<min(channels.upperBound, start + most)
            let pipelines = group.map { _ in FeaturePipeline(transforms: transforms, expectedSeconds: seconds) }
            var frames = 0
            _ = try recording.decode(track: track, sampleRate: Int(FeatureLayout.sampleRate), channels: group) {
                block in
                for index in pipelines.indices { pipelines[index].append(block[channel: index]) }
                frames += block.frameCount
                try deadline.check()
                progress?(Double(frames) / FeatureLayout.sampleRate, recording.track(track).declaredSeconds)
            }
            for pipeline in pipelines {
                var features = pipeline.finish()
                features.track = track
                try deadline.check()
                try body(features)
            }
            start = group.upperBound
        }
    }

    /// The sum of a track's channels as a reference.
    func referencePowers(track: Int) throws -> (powers: ReferencePowers, summary: DecodeSummary) {
        var builder = ReferencePowersBuilder(transforms: transforms)
        var mixed: [Float] = []
        var energies = (0.0, 0.0)
        let summary = try recording.decode(track: track, sampleRate: Int(FeatureLayout.sampleRate)) { block in
            if block.channelCount == 1 {
                builder.append(block[channel: 0])
            } else {
                ChannelFeatures.mix(block, &mixed, &energies.0, &energies.1)
                mixed.withUnsafeBufferPointer { builder.append($0) }
            }
        }
        return (builder.finish(), summary)
    }

    /// Looks for a change of speed, tempo or pitch of a track where nobody was found without.
    func searchWide(
        _ run: inout DetectionRun, _ witness: inout PlaceWitness, _ plan: ExaminationPlan, track: Int,
        in stretches: BusyStretches
    ) throws {
        guard run.isWeak, plan.warpsPerTrack > 0 else { return }
        let findings = try search(run, track: track, from: stretches.first).run(limit: plan.warpsPerTrack)
        var second: WideSearch?
        for found in findings.warps {
            try deadline.check()
            if WideSearch.needsSecondLook(found) {
                if second == nil { second = try secondSearch(run, track: track, from: stretches.second) }
                if let second, !second.shows(found, of: findings) { continue }
            }
            let path = try path(run, found.warp, track: track)
            let features = try extract(track: track, warp: found.warp, path: path)
            try witness.add(features, warp: found.warp, drifts: path != nil, to: &run)
        }
    }

    /// A search with the spectra of another stretch; nil where there is none that can be sought.
    private func secondSearch(_ run: borrowing DetectionRun, track: Int, from frame: Int?) throws -> WideSearch? {
        guard let frame, let stretch = stretch(track: track, from: frame) else { return nil }
        return try search(run, track: track, stretch)
    }

    /// How the pitch drifts around the one of a warp that was found; nil where it does not.
    private func path(_ run: borrowing DetectionRun, _ warp: Warp, track: Int) throws -> PitchPath? {
        guard PitchFollower.isWorthwhile(warp) else { return nil }
        var follower = run.follower(warp)
        try forEachSpectrum(track: track) { powers in
            follower.append(powers)
            return true
        }
        return follower.finish()
    }

    /// A search that has the spectra of the sum of a track's channels from `frame` on.
    ///
    /// What lies before is not decoded once more where the stretch can be sought: it decides which warps are looked
    /// at, and a place that is off by a second is as good.
    private func search(_ run: borrowing DetectionRun, track: Int, from frame: Int) throws -> WideSearch {
        if let stretch = stretch(track: track, from: frame), let search = try search(run, track: track, stretch) {
            return search
        }
        var search = run.wideSearch()
        try feed(&search, track: track, skipping: frame)
        return search
    }

    /// The same of a stretch; nil where it is not found.
    private func search(
        _ run: borrowing DetectionRun, track: Int, _ stretch: DecodeStretch
    ) throws -> WideSearch? {
        var search = run.wideSearch()
        do {
            try feed(&search, track: track, stretch: stretch)
        } catch let error as MediaError where error.code == .corrupt {
            // It decodes from the beginning, as the first pass has shown.
        }
        return search.wantsMore ? nil : search
    }

    /// Seconds before a stretch and behind it that are decoded as well, so that it has all frames wherever it is
    /// found.
    private static let stretchMargin = 2.0

    /// The stretch of a search from `frame` on; nil where it begins the track or cannot be sought.
    private func stretch(track: Int, from frame: Int) -> DecodeStretch? {
        let start = Double(frame) / FeatureLayout.framesPerSecond - ChannelFeatures.stretchMargin
        guard start > 0, recording.stretchProblem(track: track) == nil,
            let total = recording.track(track).seekableSeconds, total > start
        else { return nil }
        let seconds = Double(WideSearch.stretchFrames) / FeatureLayout.framesPerSecond
        return DecodeStretch(start: start, seconds: seconds + 2 * ChannelFeatures.stretchMargin, total: total)
    }

    /// Feeds the spectra of the sum of a track's channels to `search` until it has enough.
    private func feed(
        _ search: inout WideSearch, track: Int, stretch: DecodeStretch? = nil, skipping frames: Int = 0
    ) throws {
        var skip = frames
        try forEachSpectrum(track: track, stretch: stretch) { powers in
            if skip > 0 { skip -= 1 } else { search.append(powers) }
            return search.wantsMore
        }
    }

    /// Hands the power spectra of the sum of a track's channels, or of a stretch of it, to `take`, until it wants no
    /// more.
    private func forEachSpectrum(
        track: Int, stretch: DecodeStretch? = nil, _ take: ([Float]) -> Bool
    ) throws {
        /// Ends a decode before its time; caught below.
        struct Enough: Error {}
        var spectra = SpectrumAnalyzer(transforms: transforms)
        var mixed: [Float] = []
        var (meanEnergy, differenceEnergy) = (0.0, 0.0)
        var wantsMore = true
        func body(_ block: borrowing PlanarBlock) throws {
            if block.channelCount == 1 {
                spectra.append(block[channel: 0]) { wantsMore = take($0) && wantsMore }
            } else {
                ChannelFeatures.mix(block, &mixed, &meanEnergy, &differenceEnergy)
                mixed.withUnsafeBufferPointer { spectra.append($0) { wantsMore = take($0) && wantsMore } }
            }
            try deadline.check()
            if !wantsMore { throw Enough() }
        }
        let rate = Int(FeatureLayout.sampleRate)
        do {
            if let stretch {
                _ = try recording.decode(track: track, stretch: stretch, sampleRate: rate, body: body)
            } else {
                _ = try recording.decode(track: track, sampleRate: rate, body: body)
            }
        } catch is Enough {}
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
