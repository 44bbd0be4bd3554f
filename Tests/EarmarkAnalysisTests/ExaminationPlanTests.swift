import EarmarkAnswer
import EarmarkFFTW
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect
@testable import EarmarkMedia

/// What a file pays for, from its description alone, and that nothing beyond it is tested: docs/statistics.md, section
/// 4.
@Suite struct ExaminationPlanTests {
    private static func tracks(_ channels: [Int]) -> [AudioTrack] {
        channels.enumerated().map {
            AudioTrack(
                index: $0, position: $0, codec: "aac", sampleRate: 48_000, channels: $1, language: nil,
                declaredSeconds: nil)
        }
    }

    private static func run(_ budget: SearchBudget) -> DetectionRun {
        Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(2), log10Threshold: -9,
            transforms: FFTWProvider()
        ).begin(budget)
    }

    /// Examines what the plan allows, then one look more: channels, then warps.
    private static func expectExhausted(_ plan: ExaminationPlan, _ looks: Int, warps: Int) throws {
        var run = run(plan.budget(expectedSeconds: nil, scope: nil))
        for _ in 0..<looks { try run.add(FeatureMatrix()) }
        #expect(throws: SearchBudget.Overrun(item: .channels, planned: looks, asked: looks + 1)) {
            try run.add(FeatureMatrix())
        }
        let warp = Warp(pitch: 1, rate: 1.03)
        for _ in 0..<warps { try run.add(FeatureMatrix(), warp: warp) }
        #expect(throws: SearchBudget.Overrun(item: .warps, planned: warps, asked: warps + 1)) {
            try run.add(FeatureMatrix(), warp: warp)
        }
    }

    /// Sums, channels of tracks that have more than one, a second look at each sum with a reference; 64 channels at
    /// most.
    @Test(arguments: [
        (channels: [1], sums: 1, own: 0), ([2], 1, 2), ([12], 1, 12), ([80], 1, 64), ([1, 2], 2, 2),
        ([6, 1, 1, 9], 4, 15),
    ])
    func everyTrackAndChannelIsPaidForAndNoneMore(channels: [Int], sums: Int, own: Int) throws {
        for (effort, warps) in [(Effort.fast, 0), (.normal, 1), (.exhaustive, 4)] {
            let plan = ExaminationPlan(tracks: ExaminationPlanTests.tracks(channels), effort: effort)
            try ExaminationPlanTests.expectExhausted(plan, sums + own, warps: warps * sums)
            let helped = ExaminationPlan(
                tracks: ExaminationPlanTests.tracks(channels), effort: effort, usesReference: true)
            try ExaminationPlanTests.expectExhausted(helped, 2 * sums + own, warps: warps * sums)
            for (track, count) in channels.enumerated() {
                let all = effort == .fast || count == 1 ? 0 : min(64, count)
                #expect(plan.examined(track: track, channelsDiffer: true) == 0..<all)
                #expect(plan.examined(track: track, channelsDiffer: false).isEmpty)
            }
        }
    }

    /// A lone track shows whether its channels are worth a look before anything is tested; of several, all are paid
    /// for.
    @Test func aLoneTrackPaysForWhatIsExamined() throws {
        for (effort, differ, looks) in [
            (Effort.fast, true, 1), (.fast, false, 1), (.normal, true, 3), (.normal, false, 1),
        ] {
            var plan = ExaminationPlan(tracks: ExaminationPlanTests.tracks([2]), effort: effort)
            plan.settle(channelsDiffer: differ, frames: 7_000)
            try ExaminationPlanTests.expectExhausted(plan, looks, warps: effort.warps)
            #expect(plan.examined(track: 0, channelsDiffer: differ).count == looks - 1)
            var several = ExaminationPlan(tracks: ExaminationPlanTests.tracks([2, 1]), effort: effort)
            several.settle(channelsDiffer: differ, frames: 7_000)
            try ExaminationPlanTests.expectExhausted(several, 3 + 1, warps: 2 * effort.warps)
        }
    }

    /// A track that declares one channel and decodes to two pays for one: the second is not tested.
    @Test func moreChannelsThanDeclaredAreRefused() throws {
        var plan = ExaminationPlan(tracks: ExaminationPlanTests.tracks([1]), effort: .normal)
        plan.settle(channelsDiffer: true, frames: 7_000)
        #expect(plan.examined(track: 0, channelsDiffer: true).isEmpty)
        var run = ExaminationPlanTests.run(plan.budget(expectedSeconds: nil, scope: nil))
        try run.add(FeatureMatrix())
        #expect(throws: SearchBudget.Overrun(item: .channels, planned: 1, asked: 2)) { try run.add(FeatureMatrix()) }
    }

    /// So does a file whose description says one track and that turns out to have two.
    @Test func aTrackMoreThanDescribedIsRefused() throws {
        let plan = ExaminationPlan(tracks: ExaminationPlanTests.tracks([2]), effort: .normal)
        var run = ExaminationPlanTests.run(plan.budget(expectedSeconds: nil, scope: nil))
        for _ in 0..<3 { try run.add(FeatureMatrix()) }
        #expect(throws: SearchBudget.Overrun.self) { try run.add(FeatureMatrix()) }
        try run.addWithoutPilot(FeatureMatrix())
    }

    /// Two looks at a sum are one too many without a reference.
    @Test func aSecondLookNeedsAReference() throws {
        for usesReference in [false, true] {
            let plan = ExaminationPlan(
                tracks: ExaminationPlanTests.tracks([1]), effort: .fast, usesReference: usesReference)
            var run = ExaminationPlanTests.run(plan.budget(expectedSeconds: nil, scope: nil))
            try run.add(FeatureMatrix())
            let second = Result { try run.add(FeatureMatrix()) }
            #expect(((try? second.get()) != nil) == usesReference)
        }
    }

    /// Section 5a: where more than one meeting is searched there are no further times and no frames of the schedule.
    @Test func aSearchPaysForAlignmentsAlone() {
        let plan = ExaminationPlan(tracks: ExaminationPlanTests.tracks([2]), effort: .exhaustive)
        let one = plan.budget(expectedSeconds: 300, scope: .init(meetings: 1, candidates: 9))
        #expect(one.breadth.times == 512 && one.placementsPerChannel == 184 * 1_024)
        let many = plan.budget(expectedSeconds: 300, scope: .init(meetings: 2, candidates: 9))
        #expect(many.breadth.times == 0 && many.placementsPerChannel == 0)
        #expect(many.breadth.alignments == 39 && many.channels == 3 && many.warps == 4)
    }
}
