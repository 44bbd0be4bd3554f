import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// The places that are told how far the log reaches.
    public func anchors() throws(StoreError) -> [Anchor] { try keyFile.read(storeID: storeID).anchors }

    /// Logs that they are replaced, which tells the old ones, replaces them, and tells the new ones.
    ///
    /// - Throws: `valueInvalid` for a program without a name, for an authority's certificate that cannot be read, and
    ///   for one that is asked in the open without.
    public func setAnchors(_ anchors: [Anchor]) throws(StoreError) {
        for anchor in anchors where [.command, .stamp].contains(anchor.kind) && anchor.words.first?.isEmpty ?? true {
            throw StoreError(.valueInvalid, "an anchor of the kind '\(anchor.kind.rawValue)' needs a program")
        }
        for anchor in anchors { try requireSafe(anchor) }
        // Before they change: nothing changes unlogged, and those that are turned off learn of it.
        try record(.init(.settingsChange, ["anchors": Anchor.text(of: anchors)]))
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in keys.anchors = anchors }
        vouchingCache.withLock { $0?.anchors = anchors }
        if let head = try vouching().notedHead() { try tellAnchors(.head(head.count), head.hash) }
    }

    private func requireSafe(_ anchor: Anchor) throws(StoreError) {
        if let authorities = anchor.authorities, access(authorities, R_OK) != 0 {
            throw StoreError(.valueInvalid, "the authority's certificate '\(authorities)' cannot be read")
        }
        if let address = anchor.address, !address.lowercased().hasPrefix("https://"), anchor.authorities == nil {
            throw StoreError(
                .valueInvalid,
                "what '\(address)' answers could be anybody's: use https, or name the authority's certificate, by "
                    + "which each stamp is checked", advice: .giveAuthority)
        }
    }

    // MARK: Telling

    /// Tells all anchors; one that fails stops nothing, and is said and logged.
    func tellAnchors(_ subject: AnchorLine.Subject, _ digest: [UInt8]) throws(StoreError) {
        let anchors = try vouching().anchors
        guard !anchors.isEmpty, !isCopy else { return }
        var told: [Anchor] = []
        var hasLogged = false
        for anchor in anchors {
            let reason = failure(telling: anchor, subject, digest)
            if reason == nil { told.append(anchor) }
            if try note(anchor, failure: reason) { hasLogged = true }
        }
        // What that added to the log: an anchor that lags behind could not be told from one that was cut.
        guard hasLogged, let head = try vouching().notedHead() else { return }
        for anchor in told { _ = failure(telling: anchor, .head(head.count), head.hash) }
    }

    /// Tells one anchor; why it could not be.
    private func failure(telling anchor: Anchor, _ subject: AnchorLine.Subject, _ digest: [UInt8]) -> String? {
        do {
            try AnchorTelling.tell(anchor, AnchorLine(subject, storeID: storeID, digest: digest, at: clock()))
            return nil
        } catch {
            return Self.reason(error)
        }
    }

    /// Tells anchors that keep lines of a commitment that they have none of: one that failed when it was made.
    func tellAnchorsAgain(ofCommitment root: [UInt8], _ meetingID: MeetingID) throws(StoreError) {
        for anchor in try vouching().anchors where anchor.kind == .file || anchor.kind == .stamp {
            guard !isTold(anchor, ofRoot: root), !isCopy else { continue }
            _ = try note(anchor, failure: failure(telling: anchor, .commitment(meetingID), root))
        }
    }

    /// Tells an anchor of the commitments that were made since it failed; why it could not be.
    private func failure(tellingMissed anchor: Anchor, since: Timestamp) throws(StoreError) -> String? {
        let missed = try read { database, vouching in
            let rows = try Row.fetchAll(
                database, sql: "SELECT meetingID, root FROM commitments WHERE createdAt >= ? ORDER BY position",
                arguments: [Timestamp(seconds: since.seconds - Self.lateness)])
            for row in rows { try vouching?.verify(.events(row.get("meetingID")), database) }
            return rows
        }
        for row in missed {
            let root: Data = try row.get("root")
            guard !isTold(anchor, ofRoot: [UInt8](root)) else { continue }
            let meetingID: MeetingID = try row.get("meetingID")
            if let reason = failure(telling: anchor, .commitment(meetingID), [UInt8](root)) { return reason }
        }
        return nil
    }

    /// Seconds by which the log may say later that an anchor failed than it did, other anchors being told meanwhile.
    private static let lateness: Int64 = 600

    /// Whether the file of an anchor holds a commitment.
    private func isTold(_ anchor: Anchor, ofRoot root: [UInt8]) -> Bool {
        guard let path = anchor.path, anchor.kind == .file || anchor.kind == .stamp else { return false }
        let lines = try? AnchorFile(path: path).content(of: storeID, isOwn: true).lines
        return lines?.contains { line in
            guard case .commitment = line.subject else { return false }
            return line.digest == root
        } ?? false
    }

    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as AnchorTelling.Failure: error.text
        case let error as StoreError: error.message
        default: "its answer is no time stamp"
        }
    }

    /// Says and logs that an anchor failed, or that it does no longer: each time that this changes; whether it did.
    private func note(_ anchor: Anchor, failure: String?) throws(StoreError) -> Bool {
        let known = try failures()[anchor.text]
        var failure = failure
        // It works again once it was told what it missed.
        if failure == nil, let known { failure = try self.failure(tellingMissed: anchor, since: known.since) }
        if let failure, silentAnchors.withLock({ $0.insert(anchor.text).inserted }) {
            warn("the anchor '\(anchor.text)' was not told how far the log reaches: \(failure)")
        }
        guard (known != nil) != (failure != nil) else { return false }
        let event =
            failure.map { AuditEvent(.anchorFail, ["anchor": anchor.text, "reason": $0]) }
            ?? AuditEvent(.anchorResume, ["anchor": anchor.text])
        try change(tellsAnchors: false) { try $0.append(event) }
        return true
    }

    /// Since when anchors fail, and why, by their text, as the log says; what it says must be as it was written.
    ///
    /// - Throws: `rowsAltered`.
    func failures() throws(StoreError) -> [String: (since: Timestamp, reason: String)] {
        try read { database, vouching in
            let positions = try Int64.fetchAll(
                database, sql: "SELECT position FROM audit WHERE action IN (?, ?) ORDER BY position",
                arguments: [AuditAction.anchorFail.rawValue, AuditAction.anchorResume.rawValue])
            var failures: [String: (since: Timestamp, reason: String)] = [:]
            for position in positions {
                let entry = try LogEntryRow.fetch(position, database)
                try vouching?.verify(entry, database)
                let details = try entry.values()
                let isFailure = entry.action == AuditAction.anchorFail.rawValue
                failures[details["anchor"] ?? ""] = isFailure ? (entry.at, details["reason"] ?? "") : nil
            }
            return failures
        }
    }
}

/// Time stamps of commitments.
public enum CommitmentStamp {
    /// When a commitment's root was stamped, as the authority wrote it (`20260302090000Z`); nil if the stamp is of
    /// something else.
    public static func time(_ stamp: [UInt8], ofRoot root: String) -> String? {
        guard let stamp = try? TimeStamp(stamp), Hexadecimal.text(stamp.digest) == root else { return nil }
        return stamp.time
    }

    /// Whether an authority whose certificate is in the PEM file `authorities` made the stamp; nil where OpenSSL is
    /// missing.
    public static func isGood(_ stamp: [UInt8], ofRoot root: String, authorities: String) -> Bool? {
        guard let digest = Hexadecimal.bytes(root.utf8) else { return false }
        return try? TimeStamp.verify(stamp, of: digest, authorities: authorities)
    }
}
