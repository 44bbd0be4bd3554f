import EarmarkFiles
import Foundation

/// What a part's records are, beside the lines.
enum PartRecord {
    /// The first: which part of which plan it is.
    struct Opening: Codable, Equatable {
        struct Body: Codable, Equatable {
            let plan: String
            let part: Int
            let parts: Int
            let items: Int
            let bundle: BundleID

            /// Whether it is the same part of the same plan, whoever's worker began it.
            func isSamePart(as other: Body) -> Bool {
                plan == other.plan && part == other.part && parts == other.parts && items == other.items
            }
        }

        let opens: Body
    }

    /// An item whose analysis began; not signed.
    struct Beginning: Codable {
        let begins: Int
    }

    /// An item that came to no line, and why that is no death of its worker: it cannot be had, or the worker was
    /// asked to end; not signed.
    struct Leaving: Codable {
        let leaves: Int
    }

    /// An item during which the process that decodes it was killed, and the worker was not; signed.
    struct Death: Codable {
        let killed: Int
    }

    /// The last: what the part holds.
    struct Closing: Codable {
        struct Body: Codable, Equatable {
            let plan: String
            let part: Int
            let lines: Int
            /// SHA-256 of all bytes before this record.
            let sha256: String
        }

        let closes: Body
    }

    /// What tells one record from another.
    struct Seen: Decodable {
        let opens: Opening.Body?
        let begins: Int?
        let leaves: Int?
        let killed: Int?
        let closes: Closing.Body?
        let place: WorkLine.Place?
        let bundle: BundleID?
        let refusal: Refusal?
        let verdict: String?
        let triage: Triage?
        let path: String?

        struct Triage: Decodable {
            let isAnswer: Bool
        }

        struct Refusal: Decodable {
            let code: String
        }

        /// Whether it tells of the worker's way alone, and of no input's answer.
        var isOfTheWay: Bool { begins != nil || leaves != nil || killed != nil }
    }
}
