import EarmarkDSP

extension Detector {
    /// Samples a second, in hertz, of what `DetectionRun.add(channel:)` takes.
    ///
    /// Resample before, with a filter that keeps what lies below 7.3 kHz: the mark is there.
    public static let sampleRate = 16_000
}

extension DetectionRun {
    /// Largest magnitude of a sample, full scale being 1; whatever is beyond, or no number, counts as silence.
    private static let largestMagnitude: Float = 1e9

    /// Searches one channel of the recording, as far as the budget goes.
    ///
    /// The channel's alignments are tried, then places without the pilot, then changes of speed, tempo or pitch, each
    /// only if nobody was named with evidence to spare before. Channels share the changes that the budget has. Takes
    /// about a second for two minutes, and 6 MB an hour beside the samples.
    ///
    /// - Parameter samples: all of the channel, mono at `Detector.sampleRate`, full scale 1, any number of them; less
    ///   than 100 s names nobody as a rule.
    /// - Throws: `SearchBudget.Overrun`, having tested nothing, if the budget has no channel left.
    public mutating func add(channel samples: [Float]) throws(SearchBudget.Overrun) {
        do {
            try add(readingChannel: { take in take(samples) })
        } catch let overrun as SearchBudget.Overrun {
            throw overrun
        } catch {
            // The closure above throws nothing.
            preconditionFailure("\(error)")
        }
    }

    /// The same for a channel that is too long to be held, or that is decoded on the way.
    ///
    /// - Parameter pass: hands the channel's samples to the function that it is given, in order and in blocks of any
    ///   length. Called once, and where changes of speed, tempo or pitch are tried once more for the search and once
    ///   for each of them; the samples must be the same each time.
    /// - Throws: `SearchBudget.Overrun`, having tested nothing, if the budget has no channel left; what `pass` throws.
    public mutating func add(readingChannel pass: (_ take: ([Float]) -> Void) throws -> Void) throws {
        try requireChannel()
        let features = try features(pass)
        try add(features)
        try addWithoutPilot(features)
        guard isWeak, warpsPerChannel > 0 else { return }
        let start = features.busiestStretch(WideSearch.stretchFrames)
        for found in try warps(pass, from: start).run(limit: warpsPerChannel).warps {
            let path = try self.path(pass, found.warp)
            try add(try self.features(pass, path: path).resampled(rate: found.warp.rate), warp: found.warp)
        }
    }

    /// Features of a channel; `path` is a factor on its frequencies that is undone.
    private func features(
        _ pass: (([Float]) -> Void) throws -> Void, path: PitchPath = .init(constant: 1)
    ) throws -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: transforms, path: path)
        try pass { block in
            unsafe DetectionRun.credible(block).withUnsafeBufferPointer { unsafe analyzer.append($0) }
        }
        analyzer.finish()
        return analyzer.features
    }

    /// The pitch along a channel that is played as a search found for a stretch of it.
    private func path(_ pass: (([Float]) -> Void) throws -> Void, _ warp: Warp) throws -> PitchPath {
        guard PitchFollower.isWorthwhile(warp) else { return PitchPath(constant: warp.pitch) }
        var follower = follower(warp)
        var spectra = SpectrumAnalyzer(transforms: transforms)
        try pass { block in
            unsafe DetectionRun.credible(block).withUnsafeBufferPointer { buffer in
                unsafe spectra.append(buffer) { follower.append($0) }
            }
        }
        return follower.finish() ?? PitchPath(constant: warp.pitch)
    }

    /// A search for changes of speed, tempo or pitch that has seen the channel from frame `start` on.
    private func warps(_ pass: (([Float]) -> Void) throws -> Void, from start: Int) throws -> WideSearch {
        var search = wideSearch()
        var spectra = SpectrumAnalyzer(transforms: transforms)
        var skip = start
        try pass { block in
            guard search.wantsMore else { return }
            unsafe DetectionRun.credible(block).withUnsafeBufferPointer { buffer in
                unsafe spectra.append(buffer) { powers in
                    if skip > 0 { skip -= 1 } else { search.append(powers) }
                }
            }
        }
        return search
    }

    private static func credible(_ block: [Float]) -> [Float] {
        func isCredible(_ sample: Float) -> Bool { sample.magnitude <= largestMagnitude }
        return block.allSatisfy(isCredible) ? block : block.map { isCredible($0) ? $0 : 0 }
    }
}
