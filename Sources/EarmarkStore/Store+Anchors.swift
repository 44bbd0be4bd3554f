import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// The places that are told how far the log reaches.
    public func anchors() throws(StoreError) -> [Anchor] { try keyFile.read(storeID: storeID).anchors }

    /// Logs that they are replaced, which tells the old ones, replaces them, and tells the new ones.
    ///
    /// - Throws: `valueInvalid` for a program without a name.
    public func setAnchors(_ anchors: [Anchor]) throws(StoreError) {
        for anchor in anchors where [.command, .stamp].contains(anchor.kind) && anchor.words.first?.isEmpty ?? true {
            throw StoreError(.valueInvalid, "an anchor of the kind '\(anchor.kind.rawValue)' needs a program")
        }
        let texts = anchors.map(\.text).joined(separator: "; ")
        // Before they change: nothing changes unlogged, and those that are turned off learn of it.
        try record(.init(.settingsChange, ["anchors": texts.isEmpty ? "none" : texts]))
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in keys.anchors = anchors }
        vouchingCache.withLock { $0?.anchors = anchors }
        if let head = try vouching().notedHead() { try tellAnchors(.head(head.count), head.hash) }
    }

    // MARK: Telling

    /// Tells all anchors; one that fails stops nothing, and is said and logged.
    func tellAnchors(_ subject: AnchorLine.Subject, _ digest: [UInt8]) throws(StoreError) {
        let anchors = try vouching().anchors
        guard !anchors.isEmpty, !isCopy else { return }
        let line = AnchorLine(subject, storeID: storeID, digest: digest, at: clock())
        for anchor in anchors {
            var reason: String?
            do {
                try AnchorTelling.tell(anchor, line)
            } catch {
                reason = Self.reason(error)
            }
            try note(anchor, failure: reason)
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as AnchorTelling.Failure: error.text
        case let error as StoreError: error.message
        default: "its answer is no time stamp"
        }
    }

    /// Says and logs that an anchor failed, or that it does no longer: each time that this changes.
    private func note(_ anchor: Anchor, failure: String?) throws(StoreError) {
        if let failure, silentAnchors.withLock({ $0.insert(anchor.text).inserted }) {
            warn("the anchor '\(anchor.text)' was not told how far the log reaches: \(failure)")
        }
        let wasFailing = try failures()[anchor.text] != nil
        guard wasFailing != (failure != nil) else { return }
        let event =
            failure.map { AuditEvent(.anchorFail, ["anchor": anchor.text, "reason": $0]) }
            ?? AuditEvent(.anchorResume, ["anchor": anchor.text])
        try change(tellsAnchors: false) { try $0.append(event) }
    }

    /// Since when anchors fail, and why, by their text, as the log says.
    private func failures() throws(StoreError) -> [String: (since: Timestamp, reason: String)] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT action, at, details FROM audit JOIN auditDetails ON entryID = audit.id
                    WHERE action IN (?, ?) ORDER BY position
                    """, arguments: [AuditAction.anchorFail.rawValue, AuditAction.anchorResume.rawValue])
            return rows.reduce(into: [:]) { failures, row in
                let (action, data): (String, Data) = (row["action"], row["details"])
                let details = (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
                let isFailure = action == AuditAction.anchorFail.rawValue
                failures[details["anchor"] ?? ""] = isFailure ? (row["at"], details["reason"] ?? "") : nil
            }
        }
    }

    // MARK: Comparing

    /// What anchors say beside the log.
    struct AnchorEvidence {
        /// Links by place, with where each was read.
        var links: [(place: Int64, link: String, source: String)] = []
        /// What is wrong with the files themselves.
        var problems: [String] = []
        /// What a reader should know.
        var remarks: [String] = []
    }

    /// Reads the files of anchors that were set, and further ones.
    ///
    /// - Parameters:
    ///   - files: further files.
    ///   - authorities: certificates of time-stamping authorities, PEM; nil checks no signature.
    func anchorEvidence(_ files: [String], authorities: String?) throws(StoreError) -> AnchorEvidence {
        var evidence = AnchorEvidence()
        let set = try anchors()
        let failing = try failures()
        for anchor in set {
            guard let failure = failing[anchor.text] else { continue }
            evidence.remarks.append(
                "the anchor '\(anchor.text)' has not been told since \(failure.since.text): \(failure.reason)")
        }
        let own = set.filter { $0.kind == .file || $0.kind == .stamp }.compactMap(\.path)
        for path in own + files.map(FilePath.canonical).filter({ !own.contains($0) }) {
            do throws(StoreError) {
                read(path, try AnchorFile(path: path).lines(of: storeID), authorities, &evidence)
            } catch {
                evidence.problems.append("the anchor '\(path)' cannot be read: \(error.message)")
            }
        }
        return evidence
    }

    private func read(
        _ path: String, _ found: (lines: [AnchorLine], unreadable: Int), _ authorities: String?,
        _ evidence: inout AnchorEvidence
    ) {
        var count = 0
        for line in found.lines {
            guard case .head(let place) = line.subject else { continue }
            count += 1
            evidence.links.append((place, Hexadecimal.text(line.digest), "'\(path)' of \(line.at.text)"))
            if let problem = problem(line, authorities) {
                evidence.problems.append("the stamp of entry \(place) in '\(path)' \(problem)")
            }
        }
        if count == 0 { evidence.problems.append("the anchor '\(path)' says nothing of this store") }
        if found.unreadable > 0 {
            evidence.remarks.append("\(found.unreadable) lines of the anchor '\(path)' are none of Earmark's")
        }
        if authorities == nil, found.lines.contains(where: { $0.stamp != nil }) {
            evidence.remarks.append(
                "signatures of the stamps in '\(path)' are not checked without the authority's certificate")
        }
    }

    /// What is wrong with a line's stamp; nil if nothing is, or there is none.
    private func problem(_ line: AnchorLine, _ authorities: String?) -> String? {
        guard let stamp = line.stamp else { return nil }
        guard (try? TimeStamp(stamp))?.digest == line.digest else { return "is one of something else" }
        guard let authorities else { return nil }
        do {
            let isGood = try TimeStamp.verify(stamp, of: line.digest, authorities: authorities)
            return isGood ? nil : "was not made by that authority"
        } catch {
            return "cannot be checked: \(Self.reason(error))"
        }
    }

    /// The time stamp of a commitment's root, if an anchor keeps one.
    package func stamp(ofRoot root: String) throws(StoreError) -> [UInt8]? {
        for anchor in try anchors() where anchor.kind == .stamp {
            let lines = try? AnchorFile(path: anchor.path ?? "").lines(of: storeID).lines
            let line = lines?.first { line in
                guard case .commitment = line.subject else { return false }
                return Hexadecimal.text(line.digest) == root && line.stamp != nil
            }
            if let stamp = line?.stamp { return stamp }
        }
        return nil
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
