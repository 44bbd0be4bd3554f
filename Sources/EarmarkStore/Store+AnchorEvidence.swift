import EarmarkFiles
import Foundation
import GRDB

/// What anchors were told, to be compared with the log.
extension Store {
    /// What anchors say beside the log.
    struct AnchorEvidence {
        /// Links by place, with where each was read.
        var links: [(place: Int64, link: String, source: String)] = []
        /// How far the log reaches by each file.
        var reach: [String: Int64] = [:]
        /// What is wrong with the files themselves.
        var problems: [String] = []
        /// Files of anchors that are set which could not be read.
        var uncompared: [String] = []
        /// What a reader should know.
        var remarks: [String] = []
    }

    /// Reads the files of anchors that were set, and further ones.
    ///
    /// - Parameters:
    ///   - files: further files.
    ///   - authorities: certificates of time-stamping authorities, PEM; nil checks no signature.
    /// - Throws: `inputOutput` or `valueInvalid` for a further file that cannot be compared: it was named by mistake
    ///   sooner than changed.
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
        if let authorities, access(authorities, R_OK) != 0 {
            throw StoreError(.inputOutput, "signatures of stamps cannot be checked: '\(authorities)' cannot be read")
        }
        for path in own {
            do throws(StoreError) {
                let content = try AnchorFile(path: path).content(of: storeID, isOwn: true)
                read(path, content, authorities, &evidence)
            } catch {
                evidence.uncompared.append("the anchor '\(path)' cannot be read: \(error.message)")
            }
        }
        for path in files.map(FilePath.canonical) where !own.contains(path) {
            let content: AnchorFile.Content
            do throws(StoreError) {
                content = try AnchorFile(path: path).content(of: storeID, isOwn: false)
            } catch {
                throw StoreError(.inputOutput, "the log cannot be compared with '\(path)': \(error.message)")
            }
            guard content.lines.contains(where: \.isOfHead) || !content.broken.isEmpty else {
                throw StoreError(
                    .valueInvalid,
                    "the log cannot be compared with '\(path)': no line in it says how far this store's log reaches")
            }
            read(path, content, authorities, &evidence)
        }
        return evidence
    }

    private func read(
        _ path: String, _ found: AnchorFile.Content, _ authorities: String?, _ evidence: inout AnchorEvidence
    ) {
        for line in found.lines {
            guard case .head(let place) = line.subject else { continue }
            evidence.reach[path] = max(evidence.reach[path] ?? 0, place)
            evidence.links.append((place, Hexadecimal.text(line.digest), "'\(path)' of \(line.at.text)"))
            if let problem = problem(line, authorities) {
                evidence.problems.append("the stamp of entry \(place) in '\(path)' \(problem)")
            }
        }
        if evidence.reach[path] == nil { evidence.problems.append("the anchor '\(path)' says nothing of this store") }
        if !found.broken.isEmpty {
            let lines = found.broken.prefix(Self.linesNamed).map { "\($0)" }.joined(separator: ", ")
            evidence.problems.append(
                "\(Counted.text(found.broken.count, "line")) of the anchor '\(path)' cannot be read: cut or written "
                    + "over (line \(lines)\(found.broken.count > Self.linesNamed ? ", …" : ""))")
        }
        if found.foreign > 0 {
            evidence.remarks.append(
                "the anchor '\(path)' has \(Counted.text(found.foreign, "line")) that "
                    + "\(found.foreign == 1 ? "is" : "are") none of Earmark's")
        }
        if authorities == nil, found.lines.contains(where: { $0.stamp != nil }) {
            evidence.remarks.append(
                "signatures of the stamps in '\(path)' are not checked without the authority's certificate")
        }
    }

    /// Lines that are named at most.
    private static let linesNamed = 10

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
            let lines = try? AnchorFile(path: anchor.path ?? "").content(of: storeID, isOwn: true).lines
            let line = lines?.first { line in
                guard case .commitment = line.subject else { return false }
                return Hexadecimal.text(line.digest) == root && line.stamp != nil
            }
            if let stamp = line?.stamp { return stamp }
        }
        return nil
    }
}
