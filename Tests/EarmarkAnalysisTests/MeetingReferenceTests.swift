import EarmarkAnswer
import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// A reference beside a bad recording of it.
@Suite struct MeetingReferenceTests {
    private static func write(_ samples: [Float], to path: String) throws -> String {
        let writer = try PCMWriter(
            path: path,
            format: .init(
                container: nil, kind: .integer(bits: 16), sampleRate: 16_000, channels: 1,
                frames: Int64(samples.count)))
        let integers = samples.map { Int32(min(max($0, -1), 0.9999) * 32_768) << 16 }
        try integers.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        return path
    }

    /// Noise at the level of the samples.
    private static func noisy(_ samples: [Float], ratio: Double) -> [Float] {
        var noise = NoiseSource(seed: 71)
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
        let deviation = (energy * ratio).squareRoot()
        return samples.map { ($0 + Float(noise.gaussian() * deviation)) / 2 }
    }

    private static func examine(
        _ path: String, reference: MeetingReference?, candidates: [Seed] = TestKeys.identities(32)
    ) throws -> Examination {
        try Examiner(
            shared: TestKeys.shared(), candidates: candidates, log10Threshold: -9, policy: .init(), effort: .fast,
            reference: reference
        ).examine(path: path)
    }

    @Test func aCopyRaisesTheEvidenceAndIsPaidFor() throws {
        let folder = try ScratchFolder()
        let marked = MeetingReferenceTests.noisy(try SharedRecordings.copyOfFirst(), ratio: 0.1)
        let leak = try MeetingReferenceTests.write(marked, to: folder.file("leak.wav"))
        // The organisation's recorder was started a minute earlier and stopped later.
        let around = SpeechLike.samples(seconds: 60, seed: 72)
        let reference = try MeetingReference(
            path: try MeetingReferenceTests.write(
                around + SharedRecordings.host + around, to: folder.file("reference.wav")),
            maximumBytes: 500_000_000)
        let alone = try MeetingReferenceTests.examine(leak, reference: nil)
        let helped = try MeetingReferenceTests.examine(leak, reference: reference)
        let before = try #require(alone.detection.sources.first)
        let after = try #require(helped.detection.sources.first)
        #expect(before.candidate == SharedRecordings.clients[0] && after.candidate == before.candidate)
        #expect(after.z > 1.1 * before.z)
        #expect(helped.referenceCoverage ?? 0 > 0.9)
        #expect(helped.detection.hypotheses == 2 * alone.detection.hypotheses)
        #expect(alone.referenceCoverage == nil)
    }

    @Test func aCopyOfSomethingElseChangesNothing() throws {
        let folder = try ScratchFolder()
        let leak = try MeetingReferenceTests.write(try SharedRecordings.copyOfFirst(), to: folder.file("leak.wav"))
        let other = try MeetingReferenceTests.write(
            SpeechLike.samples(seconds: 120, seed: 73), to: folder.file("other.wav"))
        let alone = try MeetingReferenceTests.examine(leak, reference: nil)
        let helped = try MeetingReferenceTests.examine(
            leak, reference: try MeetingReference(path: other, maximumBytes: 500_000_000))
        #expect(helped.referenceCoverage == 0)
        #expect(helped.detection.sources.map(\.z) == alone.detection.sources.map(\.z))
    }

    /// With a reference nothing is decided by a few stretches: the whole is looked at, by its help, without a word.
    @Test func aReferenceIsLookedAtThoughStretchesWereAskedFor() throws {
        let folder = try ScratchFolder()
        let frames = 50 * 16_000
        let leak = try MeetingReferenceTests.write(
            Array(try SharedRecordings.copyOfFirst()[..<frames]), to: folder.file("leak.wav"))
        let copy = try MeetingReferenceTests.write(Array(SharedRecordings.host[..<frames]), to: folder.file("copy.wav"))
        let reference = try MeetingReference(path: copy, maximumBytes: 500_000_000)
        func examine(triages: Bool, _ reference: MeetingReference?) throws -> Examination {
            try Examiner(
                shared: TestKeys.shared(), candidates: TestKeys.identities(32), log10Threshold: -9,
                policy: .init(minimumSeconds: 20), effort: .fast, reference: reference, triages: triages
            ).examine(path: leak)
        }
        let asked = try examine(triages: true, reference)
        #expect(asked.triage == nil && asked.warnings.isEmpty && asked.referenceCoverage ?? 0 > 0.8)
        #expect(asked.detection == (try examine(triages: false, reference)).detection)
        // Without a reference it is told why there was none.
        let alone = try examine(triages: true, nil)
        #expect(alone.triage == nil && alone.warnings.contains { $0.hasPrefix("there was no triage") })
    }

    /// A reference that carries everybody's shared pilot takes it out, but the recording as it is stays a hypothesis of
    /// its own.
    @Test func aMarkedCopyDoesNotHideTheSource() throws {
        let folder = try ScratchFolder()
        let leak = try MeetingReferenceTests.write(try SharedRecordings.copyOfFirst(), to: folder.file("leak.wav"))
        let reference = try MeetingReference(
            path: try MeetingReferenceTests.write(
                try SharedRecordings.copyOfSecond(), to: folder.file("reference.wav")),
            maximumBytes: 500_000_000)
        let helped = try MeetingReferenceTests.examine(leak, reference: reference)
        #expect(helped.detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
    }
}
