import EarmarkFiles
package import Foundation

/// The certificates of files, folders and lists of devices, and when they end.
package struct ExpirySurvey: Sendable {
    /// The certificates, the soonest first, each file's once.
    package private(set) var certificates: [CertificateExpiry] = []
    /// What could not be read, and why.
    package private(set) var unreadable: [(file: String, reason: String)] = []

    /// Endings of files that hold certificates or may.
    private static let suffixes = [".pem", ".crt", ".cer", ".cert", ".der", ".p12", ".pfx", ".p7b", ".p7c", ".jks"]

    /// Reads files as they are, folders as the certificates in and below them, lists as the bundles that they name.
    ///
    /// What is named and holds no certificate is unreadable, too: nothing that was not read counts as well.
    /// - Parameters:
    ///   - paths: what to look at.
    ///   - date: the time to judge at.
    ///   - days: fewer days left than this are soon.
    ///   - leavesOnly: whether authorities are left out.
    package init(_ paths: [String], at date: Date, days: Int, leavesOnly: Bool) {
        var search = FileSearch()
        for path in paths { search.look(at: path) }
        unreadable = search.unreadable
        for (file, mustHold) in search.files {
            do {
                let (all, gaps) = try ExpirySurvey.certificates(in: file, mustHold: mustHold)
                for facts in all where !leavesOnly || !facts.isAuthority {
                    let row = CertificateExpiry(facts, file: file, at: date, days: days)
                    if !certificates.contains(row) { certificates.append(row) }
                }
                unreadable += gaps.map { (file, $0.description) }
            } catch {
                let reason = (error as? ProvisioningError)?.description ?? StepError.describe(error).message
                unreadable.append((file, reason))
            }
        }
        certificates.sort { ($0.daysLeft, $0.file, $0.fingerprint) < ($1.daysLeft, $1.file, $1.fingerprint) }
        if certificates.isEmpty, unreadable.isEmpty {
            unreadable = [
                (paths.joined(separator: "', '"), "there is no certificate" + (leavesOnly ? " of a device" : ""))
            ]
        }
    }

    /// The certificates of a file, PEM or DER, and what in it may hold others and is not read.
    private static func certificates(
        in file: String, mustHold: Bool
    ) throws -> (all: [CertificateFacts], gaps: [ProvisioningError]) {
        let text = try CertificateFile.read(file)
        do {
            let blocks = try PEMReader.blocks(text)
            var all: [CertificateFacts] = []
            var gaps: [ProvisioningError] = []
            for block in blocks {
                do throws(ProvisioningError) {
                    if let facts = try facts(of: block) { all.append(facts) }
                } catch {
                    gaps.append(error)
                }
            }
            // A key beside its certificate is no gap; what somebody named is.
            let isKey = blocks.contains { BundleKey.labels.contains($0.label) }
            guard all.isEmpty, gaps.isEmpty, mustHold || !isKey else { return (all, gaps) }
            throw ProvisioningError(.missingCertificate, "it holds no certificate")
        } catch let error as ProvisioningError where error.code == .wrongEncoding {
            guard let facts = try? CertificateFacts(der: text.withUnsafeBytes { Array($0) }) else { throw error }
            return ([facts], [])
        }
    }

    /// Whether a pipe, socket or device lies at `path`.
    private static func isSpecial(_ path: String) -> Bool {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        return (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == false
    }

    /// Blocks that hold certificates in other forms, and are not read.
    private static let otherForms: Set<String> = [
        "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "PKCS #7 SIGNED DATA", "CMS",
    ]

    /// The certificate of a block; nil if it holds something else.
    private static func facts(of block: PEMBlock) throws(ProvisioningError) -> CertificateFacts? {
        if otherForms.contains(block.label) {
            throw ProvisioningError(
                .unexpectedBlock,
                "the block '\(block.label)' in line \(block.line) is not read\(FileForm.mend(label: block.label))")
        }
        return block.label == IdentityBundle.certificateLabel ? try CertificateFacts(der: block.der) : nil
    }

    /// The files to be read, each once by the path it is named by first.
    private struct FileSearch {
        /// A file, and whether it must hold a certificate.
        var files: [(path: String, mustHold: Bool)] = []
        var unreadable: [(file: String, reason: String)] = []
        private var seen: Set<String> = []

        mutating func look(at path: String) {
            if FilePath.isFolder(path) {
                if !inside(path) { unreadable.append((path, "the folder holds no file of certificates")) }
            } else if FilePath.status(path) != nil, path.lowercased().hasSuffix(".csv") {
                list(path)
            } else {
                add(path, mustHold: true)
            }
        }

        private mutating func add(_ path: String, mustHold: Bool) {
            if seen.insert(FilePath.canonical(path)).inserted { files.append((path, mustHold)) }
        }

        private mutating func list(_ path: String) {
            do {
                let rows = try DeviceList(path: path).rows
                let bundles = rows.compactMap(\.bundle)
                if bundles.isEmpty { unreadable.append((path, "the list names no bundle")) }
                let missing = MeantDevice.all(rows).filter(\.lacksBundle).map { "'\(DisplayText.escaped($0.name))'" }
                if !bundles.isEmpty, !missing.isEmpty {
                    unreadable.append((path, "the list names no bundle for \(missing.joined(separator: ", "))"))
                }
                for bundle in bundles { add(bundle, mustHold: true) }
            } catch {
                unreadable.append((path, error.message))
            }
        }

        /// Looks into a folder, through links, too; each folder once.
        ///
        /// - Returns: whether it holds a file of certificates, itself or below.
        private mutating func inside(_ folder: String) -> Bool {
            guard seen.insert(FilePath.canonical(folder)).inserted else { return true }
            let names: [String]
            do throws(FileError) {
                names = try FilePath.entries(folder).sorted(by: FilePath.precedes)
            } catch {
                unreadable.append((folder, error.message))
                return true
            }
            var isHolding = false
            for name in names {
                let path = FilePath.join(folder, name)
                if FilePath.isFolder(path) {
                    if inside(path) { isHolding = true }
                } else if suffixes.contains(where: { name.lowercased().hasSuffix($0) }) {
                    isHolding = true
                    // A pipe would be waited for until somebody writes.
                    if ExpirySurvey.isSpecial(path) {
                        unreadable.append((path, "it is no plain file"))
                    } else {
                        add(path, mustHold: false)
                    }
                }
            }
            return isHolding
        }
    }

    /// The certificates in Prometheus' text format, version 0.0.4.
    package var prometheus: String {
        let metric = "earmark_certificate_not_after_seconds"
        let failures = "earmark_certificate_unreadable_files"
        let head = [
            "# HELP \(metric) When the certificate ends, in seconds since 1970-01-01 UTC.", "# TYPE \(metric) gauge",
        ]
        let tail = [
            "# HELP \(failures) What was named or found and could not be read.", "# TYPE \(failures) gauge",
            "\(failures) \(Set(unreadable.map(\.file)).count)",
        ]
        let series = certificates.map { $0.metric(metric) }
        return ((series.isEmpty ? [] : head + series) + tail).joined(separator: "\n")
    }
}
