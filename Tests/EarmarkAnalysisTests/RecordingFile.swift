import EarmarkAnswer
import EarmarkMedia
import EarmarkTestSupport

@testable import EarmarkAnalysis

/// Recordings as files, and what an examination for meeting 1 finds in them.
enum RecordingFile {
    /// Clients of the meeting that `examine` knows.
    static let candidates = 32

    /// Writes channels of 16 kHz samples.
    static func write(_ channels: [[Float]], to path: String, isFloat: Bool = false) throws -> String {
        let frames = channels.map(\.count).min() ?? 0
        let writer = try PCMWriter(
            path: path,
            format: .init(
                container: nil, kind: isFloat ? .float32 : .integer(bits: 16), sampleRate: 16_000,
                channels: channels.count, frames: Int64(frames)))
        let mixed = (0..<frames).flatMap { frame in channels.map { $0[frame] } }
        if isFloat {
            try mixed.withUnsafeBufferPointer { try writer.writeFloats($0) }
        } else {
            let integers = mixed.map { Int32(min(max($0, -1), 0.9999) * 32_768) << 16 }
            try integers.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        }
        try writer.finish()
        return path
    }

    /// One file with several tracks.
    static func join(_ tracks: [String], _ codec: [String], to name: String, in folder: ScratchFolder) throws -> String
    {
        let inputs = tracks.flatMap { ["-i", $0] }
        let maps = tracks.indices.flatMap { ["-map", "\($0):a"] }
        return try folder.ffmpeg(inputs + maps + codec, to: name)
    }

    static func examine(
        _ path: String, effort: Effort = .normal, reference: MeetingReference? = nil, expectedSeconds: Double? = nil,
        paidCandidates: Int? = nil, minimumSeconds: Double = 60
    ) throws -> Examination {
        try Examiner(
            shared: TestKeys.shared(), candidates: TestKeys.identities(candidates), log10Threshold: -9,
            policy: RecordingPolicy(minimumSeconds: minimumSeconds), effort: effort, expectedSeconds: expectedSeconds,
            reference: reference, paidCandidates: paidCandidates
        ).examine(path: path)
    }

    /// The file of client 17's copy.
    static let marked = Result {
        try write([SharedRecordings.copyOfFirst()], to: ScratchFolder.shared.get().file("recording-marked.wav"))
    }
    /// The same sound without a mark.
    static let plain = Result {
        try write([SharedRecordings.host], to: ScratchFolder.shared.get().file("recording-plain.wav"))
    }
    /// Other speech of the same length.
    static let other = SpeechLike.samples(seconds: SharedRecordings.seconds, seed: 62)
}
