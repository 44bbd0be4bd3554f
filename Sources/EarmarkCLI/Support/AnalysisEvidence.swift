import EarmarkDetect
import EarmarkStore
import Foundation

/// What a report shows beside the answer; stored with the analysis so that the report can be made again.
struct AnalysisEvidence: Codable {
    /// Evidence for a source in one step of the recording.
    struct Step: Codable {
        /// Seconds of the recording.
        let from: Float
        let to: Float
        /// The evidence is `sum` over the root of `energy`, for one step or for several added up.
        let sum: Float
        let energy: Float
    }

    /// The program that analysed.
    struct Build: Codable, Equatable {
        let version: String
        /// Digest of the executable file.
        let executableSHA256: String?
        let system: String
        let architecture: String
    }

    /// What the organisation had decided.
    struct Parameters: Codable {
        let minimumSeconds: Double
        let maximumBytes: Int64
        let allowShort: Bool
        let effort: String
        let retentionDays: Int64
    }

    /// Version of this form.
    var version = 1
    let organisation: String
    let meetingDurationSeconds: Int64
    /// z of each client that can carry a mark, in the order of enrolment; null for one that was not scored.
    let scores: [Double?]
    /// Places in `scores` of the answer's sources, in their order.
    let sourcePlaces: [Int]
    /// Steps of the answer's sources, in their order.
    let sourceSteps: [[Step]]
    let parameters: Parameters
    let build: Build

    /// `meetingDurationSeconds` is 0 where no meeting was found.
    init(
        _ detection: Detection, meetingDurationSeconds: Int64, organisation: String, parameters: Parameters,
        build: Build
    ) {
        self.organisation = organisation
        self.meetingDurationSeconds = meetingDurationSeconds
        scores = detection.scores.map { $0.isFinite ? $0 : nil }
        sourcePlaces = detection.sources.map(\.candidate)
        sourceSteps = detection.sources.map { source in
            source.steps.map { step in
                Step(
                    from: Float(step.recording.lowerBound), to: Float(step.recording.upperBound), sum: Float(step.sum),
                    energy: Float(step.energy))
            }
        }
        self.parameters = parameters
        self.build = build
    }
}
