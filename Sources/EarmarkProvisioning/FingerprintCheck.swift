import Foundation

/// Compares a fingerprint that somebody wrote down with the certificate that is meant.
package enum FingerprintCheck {
    /// Requires that `text` is the leaf's SHA-1; an empty text is no claim.
    ///
    /// - Throws: `badFingerprint` that says what else of the certificate or its chain the digits are.
    package static func require(
        _ text: String, names bundle: IdentityBundle, leaf: CertificateFacts? = nil
    ) throws(ProvisioningError) {
        guard !text.isEmpty, let leaf = leaf ?? bundle.leaf else { return }
        let all = bundle.chain + bundle.others
        let issuers = all.filter { $0 != leaf }
        let digits = FingerprintText(text).digits
        if let other = what(digits, leaf, issuers) {
            throw ProvisioningError(
                .badFingerprint,
                "this is \(other), not the certificate's SHA-1, which is \(leaf.fingerprint): "
                    + FingerprintText.commandLine)
        }
        guard try CertificateFingerprint(text) == leaf.fingerprint else {
            throw ProvisioningError(
                .badFingerprint,
                "this is the fingerprint of another certificate; that of the file is \(leaf.fingerprint): "
                    + FingerprintText.commandLine)
        }
    }

    /// What else of the certificates `digits` are; nil if nothing known.
    private static func what(_ digits: String, _ leaf: CertificateFacts, _ issuers: [CertificateFacts]) -> String? {
        // A serial number is a number: leading zeros come and go.
        func isSerial(_ facts: CertificateFacts) -> Bool {
            digits.drop { $0 == "0" } == facts.serialNumber.drop { $0 == "0" } && !digits.isEmpty
        }
        if digits == leaf.sha256 { return "the certificate's SHA-256" }
        if isSerial(leaf) { return "the certificate's serial number" }
        for issuer in issuers {
            let name = DisplayText.escaped(issuer.commonName ?? issuer.subject)
            if digits == issuer.fingerprint.text || digits == issuer.sha256 {
                return "the fingerprint of '\(name)', which issued the certificate"
            }
            if isSerial(issuer) { return "the serial number of '\(name)', which issued the certificate" }
        }
        return nil
    }
}

/// A fingerprint as people copy it: bare digits, OpenSSL's line, or the device's.
struct FingerprintText {
    /// Lower-case digits without anything between them.
    let digits: String
    /// What a label before the digits says that they are; nil without one, or for a SHA-1.
    let otherKind: String?

    /// The line that prints the right one.
    static let commandLine = "openssl x509 -in ROOM.crt -noout -fingerprint -sha1"

    /// Names of hashes in labels; no digit of a fingerprint is a letter of `sha` but the last.
    private static let hashes = ["sha256", "sha512", "sha384", "sha224", "md5", "sha1"].flatMap { name in
        [name, name.replacing("sha", with: "sha-")]
    }

    init(_ text: String) {
        // Windows copies a mark of direction along that nobody sees.
        let lower = String(
            String.UnicodeScalarView(
                text.lowercased().unicodeScalars.filter { $0.properties.generalCategory != .format }))
        var rest = lower[...]
        var label = lower[..<lower.startIndex]
        if let equals = lower.lastIndex(of: "=") {
            label = lower[..<equals]
            rest = lower[lower.index(after: equals)...]
        } else if let range = lower.range(of: "fingerprint:") {
            // Terminal output of a device: … Details 1 Fingerprint: "…"
            rest = lower[range.upperBound...]
        } else if let range = lower.range(of: "serialnumber:") {
            label = "serial"
            rest = lower[range.upperBound...]
        } else if let range = FingerprintText.hashes.lazy.compactMap({ lower.range(of: $0) }).first {
            // Windows and macOS: Cert Hash(sha1): …, SHA-1 fingerprint …
            label = lower[..<range.upperBound]
            rest = lower[range.upperBound...]
        }
        let separators: Set<Character> = [
            ":", " ", "\t", "\n", "\r", "\r\n", "\"", "-", "'", "\u{2019}", "\u{A0}", ")",
        ]
        digits = String(
            rest.replacing("fingerprint", with: "").replacing("thumbprint", with: "").filter {
                !separators.contains($0)
            })
        let kind = label.replacing("-", with: "")
        if kind.contains("serial") {
            otherKind = "a serial number"
        } else if let hash = ["sha256", "sha512", "sha384", "sha224", "md5"].first(where: { kind.contains($0) }) {
            otherKind = "made with \(hash.uppercased())"
        } else {
            otherKind = nil
        }
    }
}
