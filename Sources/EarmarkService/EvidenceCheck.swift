import EarmarkAnalysis
import EarmarkAnswer
import EarmarkFiles
public import EarmarkMedia
import EarmarkOutput
import EarmarkStore
import Foundation

/// What checking a package of evidence found: needs neither store nor keys.
public struct EvidenceCheck: Encodable, Equatable, Sendable {
    /// Whether something is as the package says.
    public enum State: String, Encodable, Sendable {
        /// It was computed, and is.
        case holds
        /// It was computed, and is not.
        case broken
        /// It cannot be told from package and recording.
        case open
    }

    /// One thing that was looked at.
    public struct Item: Encodable, Equatable, Sendable {
        /// Its name: `recording`, `size`, `answer`, `seed`, `client`, `tried`, `needed`, `alignment`, `heard`, `score`,
        /// `bound`, `commitment`, `stamp`.
        public let name: String
        /// Whether it is as the package says.
        public let state: State
        /// The same in a sentence.
        public let text: String
    }

    /// Whom and which meeting the package is about: what the commitment covers, as the package has it.
    public struct Subject: Encodable, Equatable, Sendable {
        /// The client's identifier.
        public let client: String
        /// The participant's name.
        public let participant: String
        /// The participant's e-mail.
        public let email: String
        /// The device's name.
        public let device: String
        /// What the endpoint is.
        public let kind: String
        /// The meeting's identifier.
        public let meeting: String
        /// The meeting's title.
        public let title: String
        /// The meeting's beginning, ISO 8601 in UTC.
        public let start: String
    }

    /// What the one who checks knows or demands beside package and recording.
    public struct Demands: Sendable {
        /// The commitment's root as it was published; nil if it is not at hand.
        public var root: String?
        /// Certificates of time-stamping authorities, PEM; nil checks no signature of a stamp.
        public var authorities: String?
        /// log10 of the largest bound that is taken, whatever threshold the package states.
        public var log10Threshold: Double
        /// Whether a package without a commitment is checked.
        public var takesUncommitted: Bool

        /// Bundles the parts.
        public init(
            root: String? = nil, authorities: String? = nil, log10Threshold: Double = -9,
            takesUncommitted: Bool = false
        ) {
            self.root = root
            self.authorities = authorities
            self.log10Threshold = log10Threshold
            self.takesUncommitted = takesUncommitted
        }
    }

    /// Whom and which meeting it is about.
    public let subject: Subject
    /// All of them, in order.
    public private(set) var items: [Item] = []
    /// What is computed: the client's score, standard deviations; nil if it could not be.
    public private(set) var z: Double?
    /// log10 of the bound on it.
    public private(set) var log10Bound: Double?

    /// Whether nothing contradicts the package.
    public var holds: Bool { items.allSatisfy { $0.state != .broken } }

    /// What holding the package gives away, whoever holds it.
    private let reveals: String

    private enum CodingKeys: String, CodingKey {
        case subject, items, z, log10Bound
    }

    /// What no package shows.
    public static let leaves =
        "Not computed: that the mark came by recording and not as an echo or a copy (levels, tags and content are as "
        + "the analysis states them), and who held the device."

    /// Checks `package` against a recording.
    ///
    /// - Parameters:
    ///   - package: the package, of whatever origin.
    ///   - path: the recording.
    ///   - demands: what is known or demanded beside them.
    ///   - worker: the process that decodes; without it, this one does.
    /// - Throws: `MediaError` if the recording cannot be read; `evidenceInvalid` where nothing was committed to.
    public init(
        _ package: EvidencePackage, recording path: String, _ demands: Demands = .init(),
        worker: DecoderWorker? = nil
    ) throws {
        guard package.commitment != nil || demands.takesUncommitted else {
            throw ServiceError(
                .evidenceInvalid,
                "nothing was committed to before: whose seed this is, only the maker of the package says; "
                    + "--uncommitted checks the rest")
        }
        subject = Subject(package)
        reveals = package.reveals
        let sha256 = try PlaceExaminer.sha256(of: path)
        let isSame = sha256 == package.recording.sha256
        add(
            "recording", isSame,
            isSame
                ? "SHA-256 \(sha256)"
                : "is another file: its SHA-256 is \(sha256), the package's \(package.recording.sha256)")
        add(
            "answer", package.held.verdict == .identified ? nil : false,
            "states the verdict \(package.held.verdict.rawValue); verdict, level, tags and content are as stated")
        checkCommitment(package, demands.root)
        checkStamp(package, demands.authorities)
        checkBeside(package)
        let seeds = ([package.client] + (package.beside ?? []).map(\.client)).compactMap {
            EvidencePackage.seed($0.seed)
        }
        guard isSame, let shared = package.shared, let seed = seeds.first else { return }
        let result = try PlaceExaminer(shared: shared, seed: seed, worker: worker).examine(
            path,
            .init(
                place: package.alignment, tested: package.tested, meetings: package.meetings,
                expectedSeconds: Double(package.meeting.durationSeconds), beside: Array(seeds.dropFirst()),
                usesReference: package.usesReference ?? false, window: try package.playedAt?.window()))
        guard let result, result.sha256 == sha256 else {
            add("alignment", false, "is of a track or channel that the recording does not have")
            return
        }
        if result.byteCount != package.recording.bytes {
            add("size", false, "\(result.byteCount) bytes, where the package states \(package.recording.bytes)")
        }
        checkEvidence(package, result, demands.log10Threshold)
    }

    mutating func add(_ name: String, _ holds: Bool?, _ text: String) {
        let state = holds.map { $0 ? State.holds : .broken } ?? .open
        items.append(Item(name: name, state: state, text: text))
    }

    // MARK: Who

    private mutating func checkCommitment(_ package: EvidencePackage, _ published: String?) {
        let client = package.client
        guard let committed = client.committed else { return }
        let digest = Hexadecimal.text(committed.seedDigest)
        add(
            "seed", digest == client.seedSHA256,
            digest == client.seedSHA256
                ? "matches the SHA-256 in the package"
                : "was changed: its SHA-256 is \(digest), the package's \(client.seedSHA256)")
        guard let commitment = package.commitment else {
            add(
                "client", nil,
                "nothing was committed to that covers this client: that the seed is this person's is said by whoever "
                    + "made the package")
            if published != nil { add("commitment", false, "the package has none") }
            return
        }
        let isCovered = package.covers(client, by: commitment)
        add(
            "client", isCovered,
            isCovered
                ? "identifier, name, e-mail, device and seed are number \(commitment.index + 1) of "
                    + "\(commitment.clients) that were committed to, with this meeting"
                : "client, meeting or seeds are not what was committed to")
        let isPublished = published.map { $0.lowercased() == commitment.root }
        let isEarly = commitment.made < package.meeting.start
        let made = "made \(commitment.made), \(isEarly ? "before" : "AFTER") the meeting's start, as the package says"
        switch isPublished {
        // Published afterwards, it excludes nothing.
        case true?: add("commitment", isEarly ? true : nil, "the root is the one that was published; \(made)")
        case false?: add("commitment", false, "the root is not the one that was published; \(made)")
        case nil: add("commitment", nil, "\(made); compare with what was published: \(commitment.root)")
        }
    }

    // MARK: Evidence

    /// Shares by which scores, bounds and weights may differ where another build decodes.
    private static let tolerance = (z: 0.01, bound: 0.02, weight: 0.05)

    private mutating func checkEvidence(
        _ package: EvidencePackage, _ result: PlaceExaminer.Result, _ log10Threshold: Double
    ) {
        let (place, tested) = (package.alignment, package.tested)
        let paid =
            [tested.hypotheses, tested.times ?? 0, tested.placements ?? 0] + (tested.shares.map { [$0] } ?? [])
        let covered = package.commitment?.clients ?? 0
        let tried =
            paid == result.paid
            ? tested.candidates >= covered
                ? "\(tested.candidates) clients, \(paid[0]) alignments, \(paid[1]) further times, \(paid[2]) placements"
                    + ": what such a file takes, with effort, clients and meetings (\(package.meetings)) as stated"
                    + (package.playedAt.map { ", " + $0.text } ?? "")
                : "\(tested.candidates) clients are paid for, and \(covered) were committed to"
            : "states \(paid) alignments, further times, placements and shares; such a file takes \(result.paid)"
        add("tried", paid == result.paid && tested.candidates >= covered ? nil : false, tried)
        checkNeeded(package, result)
        let isFound =
            result.place == place.place && result.places == place.places
            && result.weightError <= Self.tolerance.weight
        add(
            "alignment", isFound,
            isFound
                ? place.isFoundBy + ", number \(place.place + 1) of \(result.places) in order"
                : result.place == nil
                    ? "pilot and timeline do not show it in this recording"
                    : result.place != place.place
                        ? "it is number \((result.place ?? 0) + 1) in order, not \(place.place + 1)"
                        : result.places != place.places
                            ? "there are \(result.places) in order, not \(place.places)"
                            : "what its dipoles count is not what pilot and timeline teach")
        checkHeard(package, isFound: isFound)
        guard let z = result.z, let log10Bound = result.log10Bound else {
            let reason =
                result.place == nil
                ? "without the alignment there is none"
                : "those beside are not stronger in this order, or do not meet the threshold themselves"
            add("score", false, reason)
            add("bound", false, reason)
            return
        }
        (self.z, self.log10Bound) = (z, log10Bound)
        let isScored = abs(z - place.z) <= Self.tolerance.z * abs(place.z)
        add(
            "score", isScored,
            "z = " + Self.number(z) + (isScored ? "" : ", where the package states \(Self.number(place.z))"))
        let isBound = abs(log10Bound - place.log10Bound) <= Self.tolerance.bound * abs(place.log10Bound)
        let threshold = min(tested.log10Threshold, log10Threshold)
        let isMet = log10Bound <= threshold
        add(
            "bound", isBound && isMet,
            "10^\(Self.number(log10Bound))"
                + (isBound ? "" : ", where the package states 10^\(Self.number(place.log10Bound))")
                + (isMet ? ", at most" : ": more than") + " the threshold, 10^\(Self.number(threshold))")
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

    /// The names of what cannot be told.
    private var openNames: String { items.filter { $0.state == .open }.map(\.name).joined(separator: ", ") }

    /// The findings for people, a line each, and what they come to.
    public var text: String {
        let findings = items.map { item in
            let word =
                switch item.state {
                case .holds: "holds"
                case .broken: "BROKEN"
                case .open: "open"
                }
            return word.padding(toLength: 8, withPad: " ", startingAt: 0)
                + item.name.padding(toLength: 12, withPad: " ", startingAt: 0) + OutputText.field(item.text)
        }
        let end =
            holds
            ? "nothing contradicts the package; open, as stated: \(openNames)"
            : "the package does NOT hold: do not rely on it"
        return (subject.lines + findings + [Self.leaves, reveals, end]).joined(separator: "\n")
    }
}

extension EvidenceCheck.Subject {
    fileprivate init(_ package: EvidencePackage) {
        let (client, meeting) = (package.client, package.meeting)
        self.init(
            client: client.id, participant: client.participant, email: client.email, device: client.device,
            kind: client.kind, meeting: meeting.id, title: meeting.title, start: meeting.start)
    }

    /// For people; what anybody wrote ends no line and steers no terminal.
    fileprivate var lines: [String] {
        [
            ("client", [participant, email, device, kind, client]), ("meeting", [title, start, meeting]),
        ].map { name, fields in
            name.padding(toLength: 20, withPad: " ", startingAt: 0)
                + fields.map(OutputText.field).joined(separator: ", ")
        }
    }
}
