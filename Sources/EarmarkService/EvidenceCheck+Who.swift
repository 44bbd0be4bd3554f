import EarmarkAnswer
import EarmarkFiles
import EarmarkMark
import EarmarkStore
import Foundation

/// Whose seeds the package holds, and when they were committed to.
extension EvidenceCheck {
    mutating func checkStamp(_ package: EvidencePackage, _ authorities: String?) {
        guard let commitment = package.commitment, let text = commitment.stamp else { return }
        guard let stamp = Data(base64Encoded: text).map({ [UInt8]($0) }),
            let time = CommitmentStamp.time(stamp, ofRoot: commitment.root)
        else {
            add("stamp", false, "the time stamp is none, or not of this commitment")
            return
        }
        let isEarly = time < package.meeting.start.filter(\.isNumber)
        let when = "of \(time), \(isEarly ? "before" : "AFTER") the meeting's start"
        guard let authorities else {
            add("stamp", nil, when + "; its signature is not checked without the authority's certificate")
            return
        }
        switch CommitmentStamp.isGood(stamp, ofRoot: commitment.root, authorities: authorities) {
        case true?: add("stamp", isEarly ? true : nil, when)
        case false?: add("stamp", false, "was not made by that authority")
        case nil: add("stamp", nil, when + "; OpenSSL, which checks its signature, is missing")
        }
    }

    /// Whose marks are taken out must not be chosen: each was committed to with the client's.
    mutating func checkBeside(_ package: EvidencePackage) {
        for (index, other) in (package.beside ?? []).enumerated() {
            let name = "beside \(index + 1)"
            let who = "\(other.client.participant), \(other.client.email), \(other.client.id)"
            guard let commitment = package.commitment else {
                add(name, nil, "nothing was committed to that covers \(who)")
                continue
            }
            let isCovered =
                other.commitment.map { $0.root == commitment.root && package.covers(other.client, by: $0) } ?? false
            add(
                name, isCovered,
                isCovered
                    ? "\(who): taken out before, and committed to with the client"
                    : "\(who) was not committed to with the client: a seed that suits could have been chosen")
        }
    }
}

extension EvidencePackage.Client {
    /// As it is committed to; nil for a seed that is none.
    var committed: CommittedClient? {
        EvidencePackage.seed(seed).map {
            CommittedClient(
                id: ClientID(id), participant: participant, email: email, device: device, kind: kind, seed: $0)
        }
    }
}

extension EvidencePackage {
    /// What holding a package gives away, whoever holds it.
    public static let reveals = reveals(beside: 0)

    /// The same for this one.
    public var reveals: String { Self.reveals(beside: (beside ?? []).count) }

    private static func reveals(beside: Int) -> String {
        "This package gives away this client's mark of this meeting"
            + (beside == 0 ? "" : ", and those of \(beside) others that are named beside it")
            + ": whoever holds it can put that mark on any audio, from now on. It tells what all marks of the meeting "
            + "have in common, so its holder can find, damage or place that part. It holds no other client's seed, and "
            + "tells of the others only how many there are."
    }

    /// Whether client and meeting lead to a commitment's root.
    func covers(_ client: Client, by commitment: Commitment) -> Bool {
        guard let committed = client.committed, let shared else { return false }
        let proof = CommitmentProof(
            index: commitment.index, count: commitment.clients,
            salt: Hexadecimal.bytes(commitment.salt.utf8) ?? [],
            path: commitment.path.map { Hexadecimal.bytes($0.utf8) ?? [] })
        let about = CommittedMeeting(
            id: meeting.id, title: meeting.title, start: meeting.start, durationSeconds: meeting.durationSeconds,
            shared: shared)
        return proof.root(for: committed, of: about) == commitment.root
    }
}

extension SourcePlace {
    /// How the alignment was found anew.
    var isFoundBy: String {
        switch way {
        case nil: "found again by pilot and timeline alone"
        case .time: "found again by pilot and timeline alone, as a further time"
        case .withoutPilot: "found again by the timeline alone"
        case .placement:
            "found again by the client's own signs, of all frames of the meeting's schedule, each of which is paid for"
        }
    }
}
