import EarmarkAnswer
import EarmarkDetect

extension AnswerEvidence {
    /// What a detection leaves for a report; `meetingDurationSeconds` is 0 where no meeting was found.
    init(
        _ detection: Detection, meetingDurationSeconds: Int64, organisation: String, parameters: Parameters,
        build: Build
    ) {
        self.init(
            organisation: organisation, meetingDurationSeconds: meetingDurationSeconds,
            decoys: detection.decoys.map {
                Decoys(from: DecoyScores.least, step: DecoyScores.step, counts: $0.counts, highest: $0.highest)
            },
            sourceSteps: detection.sources.map { source in
                source.steps.map { step in
                    Step(
                        from: Float(step.recording.lowerBound), to: Float(step.recording.upperBound),
                        sum: Float(step.sum), energy: Float(step.energy))
                }
            }, parameters: parameters, build: build)
    }
}
