import Crypto
package import EarmarkFiles
import EarmarkMark
package import EarmarkStore
import Foundation

/// A sealed bundle as a file: what an analysis needs, readable for whoever holds the key (docs/file-formats.md).
package struct SealedBundle: Sendable {
    /// What anybody can read of it.
    package let header: BundleHeader
    /// The file's bytes.
    package let bytes: [UInt8]
    /// Where the sealed part begins.
    private let bodyOffset: Int

    private enum Form {
        static let magic = Array("EARMARKB".utf8)
        static let version: UInt8 = 1
        /// HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.
        static let suite: UInt8 = 1
        static let info = Data("earmark/v1/bundle".utf8)
        /// Bytes of an encapsulated key.
        static let keyByteCount = 32
        /// Longest header that is read, bytes.
        static let longestHeader = 4_096
        /// Largest bundle that is read, bytes: some ten million clients.
        static let maximumByteCount = 1 << 30
    }

    /// Digest of the file, 64 lower-case hexadecimal digits.
    package var sha256: String { Hexadecimal.text(SHA256.hash(data: bytes)) }

    // MARK: Making

    /// What a bundle is made of.
    package struct Draft {
        /// Identifier.
        package let id: BundleID
        /// Whose meetings.
        package let organisation: Organisation
        /// The meetings.
        package let held: BundledMeetings
        /// Whether it searches all of them.
        package let isSearch: Bool
        /// With a search, the time that was asked for.
        package let since, until: Timestamp?
        /// When it is made.
        package let created: Timestamp
        /// From when on workers refuse it.
        package let expires: Timestamp

        /// Bundles the parts.
        package init(
            id: BundleID, organisation: Organisation, held: BundledMeetings, isSearch: Bool, since: Timestamp? = nil,
            until: Timestamp? = nil, created: Timestamp, expires: Timestamp
        ) {
            self.id = id
            self.organisation = organisation
            self.held = held
            self.isSearch = isSearch
            self.since = since
            self.until = until
            self.created = created
            self.expires = expires
        }
    }

    /// Seals what a draft says to `recipient`, under a fresh worker key; also what the store is to remember of it.
    ///
    /// - Throws: `malformed` if the library fails.
    package static func make(
        _ draft: Draft, to recipient: BundleRecipient
    ) throws(BundleError) -> (bundle: SealedBundle, issued: IssuedBundle) {
        let worker = Curve25519.Signing.PrivateKey()
        let header = BundleHeader(
            bundle: draft.id, created: draft.created, expires: draft.expires, recipient: recipient.fingerprint,
            meetings: draft.held.subjects.count, search: draft.isSearch, toolVersion: EarmarkVersion.current)
        let terms = BundleTerms(
            organisation: draft.organisation.id, since: draft.since, until: draft.until,
            withoutShares: draft.held.withoutShares, withoutKey: draft.held.withoutKey,
            withoutMark: draft.held.withoutMark > 0 ? draft.held.withoutMark : nil,
            hasOthers: draft.held.hasOthers, profile: MarkProfile.inForce.rawValue,
            decided: .init(draft.organisation.settings), workerKey: worker.rawRepresentation)
        let sealed: SealedBundle
        do {
            var body = BundleWriter()
            body.add(block: try encoded(terms))
            for subject in draft.held.subjects { body.add(block: BundledMeeting.bytes(subject)) }
            var clear = BundleWriter()
            for byte in Form.magic + [Form.version, Form.suite] { clear.add(byte) }
            clear.add(block: try encoded(header))
            var sender = try HPKE.Sender(
                recipientKey: recipient.key, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Form.info)
            let box = try sender.seal(body.bytes, authenticating: clear.bytes)
            sealed = SealedBundle(
                header: header, bytes: clear.bytes + sender.encapsulatedKey + box, bodyOffset: clear.bytes.count)
        } catch {
            throw BundleError(.malformed, "the bundle cannot be sealed")
        }
        let issued = IssuedBundle(
            id: draft.id, organisationID: draft.organisation.id, isSearch: draft.isSearch,
            meetings: draft.held.subjects.map(\.meeting.id), createdAt: draft.created, expiresAt: draft.expires,
            recipient: recipient.fingerprint, workerKey: Array(worker.publicKey.rawRepresentation),
            sha256: sealed.sha256)
        return (sealed, issued)
    }

    private static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    // MARK: Reading

    private init(header: BundleHeader, bytes: [UInt8], bodyOffset: Int) {
        self.header = header
        self.bytes = bytes
        self.bodyOffset = bodyOffset
    }

    /// Reads the file at `path`, of whatever mode.
    ///
    /// - Throws: `missing`, `inputOutput`, `malformed` or `tooNew`.
    package init(path: String) throws(BundleError) {
        guard !FilePath.isFolder(path) else { throw BundleError(.malformed, "'\(path)' is a folder, and no bundle") }
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: Form.maximumByteCount)
        } catch {
            throw BundleError(error)
        }
        let refusal = BundleError(.malformed, "'\(path)' is no bundle, or not whole")
        var reader = BundleReader(bytes[...])
        guard let magic = try? reader.take(Form.magic.count), magic.elementsEqual(Form.magic) else { throw refusal }
        guard try reader.byte() == Form.version, try reader.byte() == Form.suite else {
            throw BundleError(.tooNew, "'\(path)' is a bundle of a form that this version does not know")
        }
        let head = try reader.block()
        guard head.count <= Form.longestHeader,
            let header = try? JSONDecoder().decode(BundleHeader.self, from: Data(head)),
            reader.rest.count > Form.keyByteCount
        else { throw refusal }
        self.header = header
        bodyOffset = reader.rest.startIndex
    }

    /// Why a key does not open the bundle: it is another one, or the bundle is damaged.
    private func refusal(of key: BundleRecipient) -> BundleError {
        guard header.recipient == key.fingerprint else {
            return BundleError(
                .wrongKey,
                "the key does not open bundle '\(header.bundle)', which says that it is sealed to the key "
                    + "\(header.recipient); this one is \(key.fingerprint)")
        }
        return BundleError(
            .malformed,
            "bundle '\(header.bundle)' was altered, or not copied whole: its key is the right one but does not open "
                + "it; copy it again")
    }

    /// Opens the bundle.
    ///
    /// - Throws: `wrongKey` if it is sealed to another key, `malformed` also if it was altered, `tooNew`.
    package func opened(with key: BundleKey) throws(BundleError) -> OpenBundle {
        let body: [UInt8]
        do {
            let start = bodyOffset + Form.keyByteCount
            let sender = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes[bodyOffset..<start])
            guard sender.isOfFullOrder else { throw BundleError(.wrongKey, "") }
            var recipient = try HPKE.Recipient(
                privateKey: key.key, ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Form.info,
                encapsulatedKey: Data(bytes[bodyOffset..<start]))
            body = Array(try recipient.open(Data(bytes[start...]), authenticating: Data(bytes[..<bodyOffset])))
        } catch {
            throw refusal(of: key.recipient)
        }
        var reader = BundleReader(body[...])
        guard let terms = try? JSONDecoder().decode(BundleTerms.self, from: Data(try reader.block())) else {
            throw BundleError(.malformed, "what bundle '\(header.bundle)' was sealed with cannot be read")
        }
        var meetings: [BundledMeeting] = []
        while !reader.isAtEnd { meetings.append(try BundledMeeting(try reader.block())) }
        guard meetings.count == header.meetings, !meetings.isEmpty else {
            throw BundleError(.malformed, "bundle '\(header.bundle)' holds other meetings than it says")
        }
        return try OpenBundle(header, terms, meetings)
    }
}
