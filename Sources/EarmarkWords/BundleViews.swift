package import EarmarkBundle
package import EarmarkFiles
import EarmarkReport
package import EarmarkStore

/// What the store remembers of a bundle, as JSON.
package struct IssuedBundleView: Encodable, Sendable {
    package let id: String
    package let organisation: String
    /// `out`, `expired` or `revoked`.
    package let state: String
    package let search: Bool
    package let meetings: [String]
    package let created: String
    package let expires: String
    package let revoked: String?
    package let recipient: String
    package let sha256: String

    /// Gathers it.
    package init(_ bundle: IssuedBundle, at now: Timestamp) {
        id = bundle.id.text
        organisation = bundle.organisationID.text
        state = bundle.revokedAt != nil ? "revoked" : now < bundle.expiresAt ? "out" : "expired"
        search = bundle.isSearch
        meetings = bundle.meetings.map(\.text)
        created = bundle.createdAt.text
        expires = bundle.expiresAt.text
        revoked = bundle.revokedAt?.text
        recipient = bundle.recipient
        sha256 = bundle.sha256
    }
}

/// What can be read of a bundle, as JSON.
package struct BundleView: Encodable, Sendable {
    package let id: String
    package let created: String
    package let expires: String
    package let recipient: String
    package let search: Bool
    package let meetings: Int
    /// Identifiers, with the key.
    package let holds: [String]?
    package let toolVersion: String
    package let sha256: String

    /// Gathers it.
    package init(_ bundle: SealedBundle, _ open: OpenBundle?) {
        id = bundle.header.bundle.text
        created = bundle.header.created.text
        expires = bundle.header.expires.text
        recipient = bundle.header.recipient
        search = bundle.header.search
        meetings = bundle.header.meetings
        holds = open?.meetings.map(\.id.text)
        toolVersion = bundle.header.toolVersion
        sha256 = bundle.sha256
    }

    /// The same for people.
    package var text: String {
        Table.list([
            "bundle": id, "created": created, "expires": expires, "sealed to": recipient,
            "meetings": "\(meetings)\(search ? ", searched" : "")", "holds": holds?.joined(separator: ", "),
            "version": toolVersion, "sha256": sha256,
        ])
    }

    /// What was found of a bundle with which nothing is wrong, for people: without its key or the store, nothing.
    package func verified(isOpened: Bool, isStoreAsked: Bool) -> String {
        guard isOpened || isStoreAsked else {
            return "bundle '\(id)' says that it holds until \(expires); nothing was checked, as that takes its key "
                + "(--key) or the store"
        }
        return "bundle '\(id)' holds until \(expires)"
            + (isStoreAsked ? ", and the store knows nothing against it" : "; no store was asked")
    }
}
