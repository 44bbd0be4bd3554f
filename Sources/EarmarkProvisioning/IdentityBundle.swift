import Foundation
import X509

/// A device's certificate with its chain and private key, read from PEM.
///
/// Reading never fails: what is wrong is among the findings, all of it at once.
public struct IdentityBundle: Sendable {
    /// The device's certificate: the one that belongs to the private key, wherever it stands; nil without one.
    public let leaf: CertificateFacts?
    /// The leaf and then its issuers, each before its own issuer.
    public let chain: [CertificateFacts]
    /// What reading found.
    public let findings: [Finding]
    /// Certificates that are not in the chain.
    let others: [CertificateFacts]
    private let key: BundleKey?

    static let certificateLabel = "CERTIFICATE"
    /// What 'openssl ecparam -genkey' writes before the key.
    private static let skippedLabel = "EC PARAMETERS"

    /// Reads all blocks of `texts`, the contents of one or several files.
    ///
    /// - Parameters:
    ///   - texts: the contents.
    ///   - names: what to call each in messages; empty where it is plain which is meant.
    public init(pem texts: [SecretBytes], names: [String] = []) {
        var reading = Reading()
        for (index, text) in texts.enumerated() {
            reading.name = names.indices.contains(index) ? names[index] + ": " : ""
            reading.read(text)
        }
        reading.finish()
        (chain, others) = IdentityBundle.ordered(reading.certificates, key: reading.key)
        leaf = chain.first
        key = reading.key
        findings = reading.findings + IdentityBundle.structure(reading, chain: chain, others: others)
    }

    /// The certificate that is meant: that of the key if there is one, else the first that is no authority.
    ///
    /// - Throws: why there is none.
    package func certificate() throws(ProvisioningError) -> CertificateFacts {
        if let meant = leaf ?? others.first(where: { !$0.isAuthority }) ?? others.first { return meant }
        let errors = findings.filter { $0.severity == .error && $0.code != .missingPrivateKey }
        throw errors.refusal ?? ProvisioningError(.missingCertificate, "there is no certificate")
    }

    /// The payload of an `add` envelope: blocks written anew, leaf, issuers, key.
    ///
    /// - Throws: the first error that reading found.
    public func payload() throws(ProvisioningError) -> SecretBytes {
        if let refusal = findings.refusal { throw refusal }
        let blocks = chain.map {
            PEMBlock(label: IdentityBundle.certificateLabel, der: $0.der, line: 0, isGlued: false, isEncrypted: false)
        }
        var text = (blocks + [key?.block].compactMap { $0 }).flatMap(\.text)
        defer { SecretBytes.wipe(&text) }
        return text.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// What is found while blocks are read.
    private struct Reading {
        var certificates: [CertificateFacts] = []
        var certificateBlockCount = 0
        var key: BundleKey?
        var keyBlockCount = 0
        var findings: [Finding] = []
        /// What stands before messages about the text that is being read.
        var name = ""
        private var isTextWithoutBlocks = false
        private var isGlued = false

        mutating func read(_ text: SecretBytes) {
            let blocks: [PEMBlock]
            do {
                blocks = try PEMReader.blocks(text)
            } catch {
                return refuse(error)
            }
            if blocks.isEmpty, text.withUnsafeBytes({ $0.contains { $0 > 0x20 } }) { isTextWithoutBlocks = true }
            for block in blocks {
                if block.isGlued { isGlued = true }
                do {
                    try read(block)
                } catch {
                    refuse(error)
                }
            }
        }

        private mutating func refuse(_ error: ProvisioningError) {
            findings.append(Finding(error.code, .error, name + error.message))
        }

        private mutating func read(_ block: PEMBlock) throws(ProvisioningError) {
            switch block.label {
            case IdentityBundle.certificateLabel:
                certificateBlockCount += 1
                let facts = try CertificateFacts(der: block.der)
                try CertificateForm.requireExtensions(of: facts.certificate)
                if !certificates.contains(where: { $0.der == facts.der }) { certificates.append(facts) }
            case let label where BundleKey.labels.contains(label):
                keyBlockCount += 1
                key = try BundleKey(block)
            case IdentityBundle.skippedLabel: break
            default:
                throw ProvisioningError(
                    .unexpectedBlock,
                    "the block '\(block.label)' in line \(block.line) has no place in a bundle of certificates and a "
                        + "key" + FileForm.mend(label: block.label))
            }
        }

        mutating func finish() {
            if isTextWithoutBlocks, certificateBlockCount + keyBlockCount == 0, findings.isEmpty {
                findings.append(Finding(.badPEM, .error, "the text holds no PEM block"))
            }
            if isGlued {
                findings.append(
                    Finding(
                        .gluedBlocks, .warning,
                        "a block begins in the line in which other text ends, as when files are joined; OpenSSL reads "
                            + "neither. Earmark writes the blocks anew"))
            }
            // A damaged block may be the one that is missed.
            if findings.contains(where: { $0.code == .badPEM || $0.code == .wrongEncoding }) { return }
            if certificateBlockCount == 0 {
                findings.append(Finding(.missingCertificate, .error, "there is no certificate"))
            }
            if keyBlockCount == 0 {
                findings.append(Finding(.missingPrivateKey, .error, "there is no private key"))
            } else if keyBlockCount > 1 {
                findings.append(
                    Finding(
                        .multiplePrivateKeys, .error,
                        "there are \(keyBlockCount) private keys; send no key that is not needed"))
                key = nil
            }
        }
    }

    /// Longest chain that is looked for, with the leaf: who made a bundle may have put thousands in it.
    static let maximumChainLength = 16

    /// The chain of the key's certificate, and what is left over.
    private static func ordered(
        _ certificates: [CertificateFacts], key: BundleKey?
    ) -> (chain: [CertificateFacts], others: [CertificateFacts]) {
        let publicKey = key?.privateKey.publicKey
        // Of a renewed certificate and its predecessor, the one that lasts longer.
        let leaves = certificates.filter { $0.certificate.publicKey == publicKey }
        guard let leaf = leaves.max(by: { $0.notAfter < $1.notAfter }) else { return ([], certificates) }
        var chain = [leaf]
        var rest = certificates.filter { $0 != leaf }
        while let last = chain.last, !last.isSelfIssued, chain.count < maximumChainLength {
            let issuers = rest.indices.filter { last.isIssued(by: rest[$0]) }
            // Peers have roots already, so one that another authority vouches for serves more; then the later end.
            let best = issuers.max { left, right in
                rest[left].isSelfIssued == rest[right].isSelfIssued
                    ? rest[left].notAfter < rest[right].notAfter : rest[left].isSelfIssued
            }
            guard let best else { break }
            chain.append(rest.remove(at: best))
        }
        return (chain, rest)
    }

    /// What the certificates are to each other and to the key.
    private static func structure(
        _ reading: Reading, chain: [CertificateFacts], others: [CertificateFacts]
    ) -> [Finding] {
        var findings: [Finding] = []
        guard let leaf = chain.first else {
            if reading.key != nil, !reading.certificates.isEmpty,
                !reading.findings.contains(where: { $0.code == .keyNotP256 })
            {
                findings.append(
                    Finding(.keyMismatch, .error, "no certificate belongs to the private key: their public keys differ")
                )
            }
            return findings
        }
        if leaf.isAuthority {
            findings.append(
                Finding(.leafIsCA, .error, "the device's certificate may sign others (CA:TRUE); it must not"))
        }
        findings += names(leaf)
        if chain.dropFirst().contains(where: \.isSelfIssued) || others.contains(where: \.isSelfIssued) {
            findings.append(
                Finding(.rootIncluded, .warning, "the bundle holds a root; peers have it already, and trust no copy"))
        }
        let unrelated = others.filter { !$0.isSelfIssued }
        if !unrelated.isEmpty {
            findings.append(
                Finding(
                    .unrelatedCertificate, .warning,
                    "\(unrelated.count) of the certificates do not belong to the device's chain and are left out"))
        }
        return findings
    }

    private static func names(_ leaf: CertificateFacts) -> [Finding] {
        var findings: [Finding] = []
        if leaf.commonName == nil {
            findings.append(
                Finding(
                    .missingCommonName, .warning, "the certificate has no common name, which others would see first"))
        }
        let names = [leaf.commonName, leaf.subject].compactMap { $0 } + leaf.alternativeNames
        if let name = names.first(where: DisplayText.isUnprintable) {
            findings.append(
                Finding(
                    .unprintableIdentity, .warning,
                    "a name holds characters that control or redirect what is shown: '\(DisplayText.escaped(name))'"))
        }
        return findings
    }
}
