import EarmarkFiles
import Foundation

/// A place outside of the store that is told how far the audit log reaches, so that a store which is put back as a
/// whole is found out.
public struct Anchor: Codable, Sendable, Equatable {
    /// The kinds of places.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A file that lines are added to.
        case file
        /// A program that gets a line on its standard input.
        case command
        /// The system's log.
        case syslog
        /// A time-stamping authority (RFC 3161), by address or through a program, whose answers are kept in a file.
        case stamp
    }

    /// What kind of place it is.
    public let kind: Kind
    /// The file, the socket of the system's log, or where stamps are kept.
    public let path: String?
    /// The program with its arguments, or the authority's address.
    public let words: [String]
    /// Certificates of the time-stamping authority, PEM, by which each stamp is checked as it comes; nil checks no
    /// signature.
    public let authorities: String?

    private init(_ kind: Kind, path: String? = nil, words: [String] = [], authorities: String? = nil) {
        self.kind = kind
        self.path = path
        self.words = words
        self.authorities = authorities
    }

    /// A file; its folder must be there.
    public static func file(_ path: String) -> Anchor { Anchor(.file, path: FilePath.canonical(path)) }

    /// A program with its arguments, which must end within 10 s with status 0.
    public static func command(_ words: [String]) -> Anchor { Anchor(.command, words: words) }

    /// The system's log, by its socket.
    public static func syslog(_ socket: String = "/dev/log") -> Anchor { Anchor(.syslog, path: socket) }

    /// A time-stamping authority: an address (asked through curl), or a program that reads a request and writes the
    /// response; responses are added to the file `path`.
    public static func stamp(_ words: [String], keptIn path: String, authorities: String? = nil) -> Anchor {
        Anchor(
            .stamp, path: FilePath.canonical(path), words: words,
            authorities: authorities.map { FilePath.canonical($0) })
    }

    /// As the log, warnings and lists name it.
    public var text: String {
        ([kind.rawValue] + words + [path, authorities].compactMap { $0 }).joined(separator: " ")
    }

    /// Anchors as the log names them.
    static func text(of anchors: [Anchor]) -> String {
        anchors.isEmpty ? "none" : anchors.map(\.text).joined(separator: "; ")
    }

    /// The authority's address, where it is asked through curl.
    var address: String? {
        guard kind == .stamp, words.count == 1, words[0].contains("://") else { return nil }
        return words[0]
    }
}

/// A line that an anchor is told: how far the log reaches, or what was committed to.
struct AnchorLine: Equatable, Sendable {
    /// What the line is about.
    enum Subject: Equatable, Sendable {
        /// The log's entry at this place is its last one.
        case head(Int64)
        /// A commitment of this meeting was made.
        case commitment(MeetingID)
    }

    let subject: Subject
    let storeID: String
    /// The link or the root, 32 bytes.
    let digest: [UInt8]
    let at: Timestamp
    /// The response of a time-stamping authority.
    var stamp: [UInt8]?

    /// Whether it says how far the log reaches.
    var isOfHead: Bool { if case .head = subject { true } else { false } }

    private static let headWord = "earmark-anchor"
    private static let commitmentWord = "earmark-commitment"
    /// What a line begins with.
    static let words = [headWord, commitmentWord]

    /// Word, store, place or meeting, digest, time; then the stamp in base64 where there is one.
    var text: String {
        let (word, name) =
            switch subject {
            case .head(let place): (Self.headWord, "\(place)")
            case .commitment(let meeting): (Self.commitmentWord, meeting.text)
            }
        let fields = [word, storeID, name, Hexadecimal.text(digest), at.text]
        return (fields + (stamp.map { [Data($0).base64EncodedString()] } ?? [])).joined(separator: " ")
    }

    init(_ subject: Subject, storeID: String, digest: [UInt8], at: Timestamp) {
        self.subject = subject
        self.storeID = storeID
        self.digest = digest
        self.at = at
    }

    /// Reads a line, also from within one that a system's log put its own words before; nil for any other.
    init?(_ line: Substring) {
        let fields = line.split(separator: " ").map(String.init)
        guard let start = fields.firstIndex(where: { $0 == Self.headWord || $0 == Self.commitmentWord }),
            fields.count - start == 5 || fields.count - start == 6,
            let digest = Hexadecimal.bytes(fields[start + 3].utf8), digest.count == AuditChain.byteCount,
            let time = Timestamp(fields[start + 4])
        else { return nil }
        if fields[start] == Self.commitmentWord {
            subject = .commitment(MeetingID(fields[start + 2]))
        } else {
            guard let place = Int64(fields[start + 2]), place >= 0 else { return nil }
            subject = .head(place)
        }
        storeID = fields[start + 1]
        self.digest = digest
        at = time
        if fields.count - start == 6 {
            guard let stamp = Data(base64Encoded: fields[start + 5]) else { return nil }
            self.stamp = [UInt8](stamp)
        }
    }
}
