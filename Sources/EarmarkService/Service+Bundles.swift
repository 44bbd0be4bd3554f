package import EarmarkBundle
package import EarmarkFiles
package import EarmarkStore

/// Which meetings a bundle is to hold.
package enum BundleScope: Sendable {
    /// Those that are named, for recordings that are known to be of one of them.
    case meetings([MeetingID])
    /// All of an organisation in a time, for recordings of which nothing is known.
    case search(SearchRange)
}

extension Service {
    /// Seals what analyses of these meetings need to `recipient`, and remembers in the store that it is out.
    ///
    /// - Parameters:
    ///   - scope: the meetings.
    ///   - recipient: who can open it.
    ///   - seconds: for how long workers take it; nil for the store's setting. Never longer than the first meeting's
    ///     retention.
    /// - Throws: `StoreError`, `BundleError`; `ServiceError` `nothingToSearch` if there is no meeting.
    package func makeBundle(
        _ scope: BundleScope, to recipient: BundleRecipient, validFor seconds: Int64? = nil
    ) throws -> (bundle: SealedBundle, issued: IssuedBundle) {
        let held: BundledMeetings
        let organisation: Organisation
        var range: SearchRange?
        switch scope {
        case .meetings(let meetings):
            var seen: Set<MeetingID> = []
            held = try store.bundled(meetings.filter { seen.insert($0).inserted })
            guard let first = held.subjects.first else { throw Service.nothing }
            organisation = try store.organisation(first.meeting.organisationID)
        case .search(let asked):
            held = try store.bundled(in: asked.organisation, since: asked.since, until: asked.until)
            guard !held.subjects.isEmpty else { throw Service.nothing }
            (organisation, range) = (asked.organisation, asked)
        }
        let lasting = try seconds ?? store.bundleSeconds()
        guard Store.bundleSecondsRange.contains(lasting) else {
            throw StoreError(.valueInvalid, "a bundle must be valid for a minute to a year")
        }
        let now = context.clock()
        let expires = min(now + lasting, held.firstExpiry ?? .latest)
        let made = try SealedBundle.make(
            .init(
                id: store.newBundleID(), organisation: organisation, held: held, isSearch: range != nil,
                since: range?.since, until: range?.until, created: now, expires: expires),
            to: recipient)
        // First: no bundle is out that the store does not know of.
        try store.add(made.issued)
        return made
    }

    /// Writes a bundle, after its fresh key if it has one; where that fails, neither is left, and the store takes
    /// nothing of the bundle.
    ///
    /// - Throws: `FileError`, `BundleError`.
    package func giveOut(_ bundle: SealedBundle, to path: String, key: BundleKey?, keyPath: String) throws {
        var hasKey = false
        do {
            try key?.create(keyPath)
            hasKey = key != nil
            try PrivateFile.create(path, bytes: bundle.bytes)
        } catch {
            if hasKey { FilePath.remove(keyPath) }
            _ = try store.revokeBundle(bundle.header.bundle)
            throw error
        }
    }

    private static let nothing = ServiceError(
        .nothingToSearch, "there is no meeting to put into a bundle: marked, within retention, with clients")

    /// What speaks against a bundle by the store, in sentences; empty if nothing does.
    ///
    /// - Throws: `BundleError` `malformed` for another file than was given out; `StoreError`.
    package func problems(with bundle: SealedBundle) throws -> [String] {
        let issued = try store.bundle(bundle.header.bundle)
        guard issued.sha256 == bundle.sha256 else {
            throw BundleError(
                .malformed,
                "bundle '\(bundle.header.bundle)' is not the file that was given out under this name: it was altered, "
                    + "or not copied whole; copy it again")
        }
        var problems: [String] = []
        if let revoked = issued.revokedAt { problems.append("it was revoked at \(revoked.text)") }
        let purged = try store.purged(among: issued.meetings)
        if let first = purged.first {
            let meetings = Counted.text(issued.meetings.count, "meeting")
            problems.append(
                "\(purged.count) of its \(meetings) \(purged.count == 1 ? "was" : "were") purged, first '\(first)': "
                    + "nothing of that is taken in")
        }
        return problems
    }
}
