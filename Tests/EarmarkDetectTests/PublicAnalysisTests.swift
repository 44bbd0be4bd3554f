import EarmarkDetect
import EarmarkFFTW
import EarmarkTestSupport
import Testing

/// What a Swift program without files does: a detector, a run with a budget, samples, an answer.
@Suite struct PublicAnalysisTests {
    private static let detector = Detector(
        shared: TestKeys.shared(), candidates: TestKeys.identities(40), log10Threshold: -9, expectedSeconds: 3_600,
        transforms: FFTWProvider())

    private static func analyse(_ samples: [Float], _ budget: SearchBudget = .init(channels: 1)) throws -> Detection {
        var run = detector.begin(budget)
        try run.add(channel: samples)
        return run.finish()
    }

    @Test func samplesInAClientOut() throws {
        #expect(Detector.sampleRate == 16_000)
        let detection = try PublicAnalysisTests.analyse(try SharedRecordings.copyOfFirst())
        let source = try #require(detection.sources.first)
        #expect(detection.sources.map(\.candidate) == [17] && source.log10FalseAccusation <= -9)
        let span = try #require(source.spans.first)
        #expect(abs(span.meetingStart - span.recording.lowerBound - SharedRecordings.start) < 0.1)
        let other = try PublicAnalysisTests.analyse(SharedRecordings.host)
        #expect(other.sources.isEmpty && other.log10Presence > -3)
    }

    /// In blocks of any length, the same answer to the last bit.
    @Test func blocksAreTheWhole() throws {
        let samples = try SharedRecordings.copyOfFirst()
        var run = PublicAnalysisTests.detector.begin(SearchBudget(channels: 1))
        try run.add(readingChannel: { take in
            var start = 0
            for length in [1, 0, 255, 100_003, samples.count] {
                let end = min(samples.count, start + length)
                take(Array(samples[start..<end]))
                start = end
            }
        })
        #expect(run.finish() == (try PublicAnalysisTests.analyse(samples)))
    }

    @Test(arguments: [0, 1, 1_000, 60_000]) func tooLittleNamesNobody(count: Int) throws {
        let budget = SearchBudget(
            channels: 1, warps: 2, breadth: .init(tracks: 2, lines: 2, pilotless: 1, times: 4, triesEveryFrame: true),
            expectedSeconds: PublicAnalysisTests.detector.expectedSeconds)
        let detection = try PublicAnalysisTests.analyse(Array(SharedRecordings.host.prefix(count)), budget)
        #expect(detection.sources.isEmpty && detection.hypotheses == 3 * 5 && detection.placements > 0)
    }

    /// What is no sample is silence: the rest is found as if it were not there.
    @Test func whatIsNoSampleIsSilence() throws {
        var broken = try SharedRecordings.copyOfFirst()
        var silent = broken
        for (index, value) in [Float.nan, .infinity, -.infinity, 2e9].enumerated() {
            broken[400_000 + index] = value
            silent[400_000 + index] = 0
        }
        let detection = try PublicAnalysisTests.analyse(broken)
        #expect(detection == (try PublicAnalysisTests.analyse(silent)))
        #expect(detection.sources.map(\.candidate) == [17])
    }

    /// One channel after another, as many as are paid for.
    @Test func twoChannelsCostTwice() throws {
        let samples = try SharedRecordings.copyOfFirst()
        var run = PublicAnalysisTests.detector.begin(SearchBudget(channels: 2))
        try run.add(channel: SharedRecordings.host)
        try run.add(channel: samples)
        let both = run.finish()
        #expect(both.sources.map(\.candidate) == [17])
        #expect(both.hypotheses == 2 * (try PublicAnalysisTests.analyse(samples).hypotheses))
        let overrun = #expect(throws: SearchBudget.Overrun.self) { try run.add(channel: samples) }
        #expect(overrun?.item == .channels && overrun?.planned == 2 && overrun?.asked == 3)
        #expect(run.finish() == both)
    }

    @Test func whatAPassThrowsEndsIt() throws {
        struct Unplugged: Error {}
        var run = PublicAnalysisTests.detector.begin(SearchBudget(channels: 1))
        #expect(throws: Unplugged.self) { try run.add(readingChannel: { _ in throw Unplugged() }) }
        // Nothing was tested, so nothing was taken.
        try run.add(channel: try SharedRecordings.copyOfFirst())
        #expect(run.finish().sources.map(\.candidate) == [17])
    }

    /// Played 5 % faster: named only if changes of speed are paid for, by one for two channels, too, and however many
    /// samples are none.
    @Test(.enabled(if: isOptimised)) func aChangeOfSpeedIsUndone() throws {
        let rate = 1.05
        let marked = try SharedRecordings.copyOfFirst()
        let played = (0..<Int(Double(marked.count - 1) / rate)).map { index in
            let position = Double(index) * rate
            let here = Int(position)
            return marked[here] + Float(position - Double(here)) * (marked[here + 1] - marked[here])
        }
        #expect(try PublicAnalysisTests.analyse(played).sources.isEmpty)
        var broken = played
        for (index, place) in stride(from: 8_000, to: played.count, by: 16_000).enumerated() {
            broken[place] = [Float.nan, .infinity, -.infinity, 2e9][index % 4]
        }
        let detection = try PublicAnalysisTests.analyse(broken, SearchBudget(channels: 2, warps: 1))
        let source = try #require(detection.sources.first)
        #expect(detection.sources.map(\.candidate) == [17])
        #expect(abs(source.rate / rate - 1) < 0.003 && abs(source.pitch / rate - 1) < 0.01)
    }
}
