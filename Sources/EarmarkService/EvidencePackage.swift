public import EarmarkAnswer
import EarmarkFiles
import EarmarkMark
import EarmarkStore
import Foundation

/// One accusation with all that it takes to compute it again without store and keys (docs/evidence.md).
///
/// Holds secrets: the meeting's shared seeds and one client's. The description shows none.
public struct EvidencePackage: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The recording.
    public struct Recording: Codable, Equatable, Sendable {
        /// Last part of its path.
        public var name: String
        /// Size.
        public var bytes: Int64
        /// SHA-256, hexadecimal.
        public var sha256: String
    }

    /// The meeting, and the seeds that all its clients share.
    public struct Meeting: Codable, Equatable, Sendable {
        /// Identifier.
        public var id: String
        /// Title.
        public var title: String
        /// Beginning, ISO 8601 in UTC.
        public var start: String
        /// Planned length, seconds.
        public var durationSeconds: Int64
        /// Pilot seed, hexadecimal.
        public var pilotSeed: String
        /// Timeline seed, hexadecimal.
        public var timelineSeed: String
    }

    /// The client that is named.
    public struct Client: Codable, Equatable, Sendable {
        /// Identifier.
        public var id: String
        /// The participant's name.
        public var participant: String
        /// The participant's e-mail.
        public var email: String
        /// The device's name.
        public var device: String
        /// What the endpoint is.
        public var kind: String
        /// The client's own seed, hexadecimal.
        public var seed: String
        /// SHA-256 of the seed, hexadecimal: what is committed to.
        public var seedSHA256: String
    }

    /// That the client, its person and its seed are what was committed to.
    public struct Commitment: Codable, Equatable, Sendable {
        /// The root, hexadecimal.
        public var root: String
        /// When it was made, ISO 8601 in UTC.
        public var made: String
        /// The client's place among those that it covers, from 0.
        public var index: Int
        /// How many it covers.
        public var clients: Int
        /// Salt of the client's leaf, hexadecimal.
        public var salt: String
        /// The other parts of the tree from leaf to top, hexadecimal.
        public var path: [String]
        /// Time stamp of the root (RFC 3161, DER) in base64; nil if there is none.
        public var stamp: String?
    }

    /// A client whose stronger mark is taken out before the evidence counts.
    public struct Beside: Codable, Equatable, Sendable {
        /// The client, with its seed.
        public var client: Client
        /// That it is what was committed to; nil if nothing was that covers it.
        public var commitment: Commitment?
    }

    /// What was held of the client's mark, as the analysis states it.
    public struct Held: Codable, Equatable, Sendable {
        /// `identified`.
        public var verdict: Verdict
        /// Level relative to a fresh mark, decibels.
        public var levelDecibels: Double?
        /// What microphone tags say.
        public var microphone: Answer.Microphone.State?
        /// What content cells say.
        public var content: Answer.Content.State?
        /// Where the mark was heard.
        public var heard: [Answer.Span]
        /// Clients beside this one whose marks were found.
        public var others: Int
    }

    /// The stored analysis and its report.
    public struct Analysis: Codable, Equatable, Sendable {
        /// Identifier.
        public var id: String
        /// When it was made, ISO 8601 in UTC.
        public var date: String
        /// SHA-256 of the report as HTML, as it was when the package was made; hexadecimal.
        public var reportSHA256: String
        /// The program that analysed; nil for answers of versions that did not say.
        public var build: AnswerEvidence.Build?
        /// The sealed bundle with which a worker came to the answer; nil if that was done where the store is.
        public var bundle: String?
    }

    /// `earmark-evidence`.
    public var format = Self.formatName
    /// Version of the format.
    public var version = Self.formatVersion
    /// When the package was made, ISO 8601 in UTC.
    public var made: String
    /// Profile of the mark.
    public var profile: Int
    /// The recording.
    public var recording: Recording
    /// The meeting.
    public var meeting: Meeting
    /// The client that is named.
    public var client: Client
    /// What was committed to; nil if nothing was that covers the client.
    public var commitment: Commitment?
    /// Where the evidence is, and how strong.
    public var alignment: SourcePlace
    /// Clients whose marks are taken out before, strongest first; nil if nobody's is.
    public var beside: [Beside]?
    /// Whether a second look with the help of a reference was paid for, too; nil if not.
    public var usesReference: Bool?
    /// When the recording was stated to have been played; nil if nothing was; that was tried first.
    public var playedAt: Answer.PlayedAt?
    /// What was tried and paid for.
    public var tested: Answer.Tested
    /// Meetings that were searched; 1 where it was known.
    public var meetings: Int
    /// What was held of the mark.
    public var held: Held
    /// The analysis.
    public var analysis: Analysis

    static let formatName = "earmark-evidence"
    static let formatVersion = 1
    /// Largest package that is read, bytes.
    public static let maximumByteCount = 16 << 20

    /// No secret.
    public var description: String { "EvidencePackage(redacted)" }

    /// The package as it is written.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return [UInt8](try encoder.encode(self)) + [10]
    }

    /// Reads a package, of whatever origin.
    ///
    /// - Throws: `evidenceInvalid`.
    public init(_ bytes: [UInt8]) throws(ServiceError) {
        struct Head: Decodable {
            let format: String
            let version: Int
        }
        let decoder = JSONDecoder()
        // JSON in UTF-8 has no byte 0 outside texts, and none within them; every other encoding has.
        guard !bytes.contains(0), let head = try? decoder.decode(Head.self, from: Data(bytes)),
            head.format == Self.formatName
        else {
            throw ServiceError(.evidenceInvalid, "the file is no package of evidence")
        }
        guard head.version == Self.formatVersion else {
            throw ServiceError(
                .evidenceInvalid, "the package is of version \(head.version), which this program does not know")
        }
        guard Self.namesDiffer(bytes) else {
            throw ServiceError(.evidenceInvalid, "the package names a member twice, or not plainly")
        }
        do {
            self = try decoder.decode(Self.self, from: Data(bytes))
        } catch {
            throw ServiceError(.evidenceInvalid, "the package lacks a member, or one is not what it should be")
        }
        guard profile == MarkProfile.inForce.rawValue else {
            throw ServiceError(
                .evidenceInvalid, "the package is of profile \(profile), which this program does not look for")
        }
        guard isPlausible else {
            throw ServiceError(.evidenceInvalid, "the package holds numbers or texts that no analysis makes")
        }
    }

    /// The bundle of all parts, which `Service.evidence` makes.
    init(
        made: String, profile: Int, recording: Recording, meeting: Meeting, client: Client, commitment: Commitment?,
        alignment: SourcePlace, tested: Answer.Tested, meetings: Int, held: Held, analysis: Analysis
    ) {
        self.made = made
        self.profile = profile
        self.recording = recording
        self.meeting = meeting
        self.client = client
        self.commitment = commitment
        self.alignment = alignment
        self.tested = tested
        self.meetings = meetings
        self.held = held
        self.analysis = analysis
    }

    // MARK: Parts

    /// A seed that is written in hexadecimal.
    static func seed(_ text: String) -> Seed? { Hexadecimal.bytes(text.utf8).flatMap(Seed.init(bytes:)) }

    var shared: SharedSeeds? {
        guard let pilot = Self.seed(meeting.pilotSeed), let timeline = Self.seed(meeting.timelineSeed) else {
            return nil
        }
        return SharedSeeds(pilot: pilot, timeline: timeline)
    }
}
