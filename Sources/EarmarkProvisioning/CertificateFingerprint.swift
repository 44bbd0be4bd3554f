import Crypto
import EarmarkFiles

/// The SHA-1 over a certificate's DER, by which devices name stored certificates.
///
/// SHA-1 names here and proves nothing: the envelope around it does that.
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    public let text: String

    /// Length of a SHA-1, in bytes.
    private static let byteCount = 20
    /// Length of a SHA-256, in bytes: the likeliest wrong hash.
    static let sha256ByteCount = 32

    /// The fingerprint of the certificate with these DER bytes.
    public init(certificate der: [UInt8]) {
        text = Hexadecimal.text(Insecure.SHA1.hash(data: der))
    }

    /// Reads what people copy: digits of either case, with colons or spaces between them, by themselves or in the lines
    /// that `openssl x509 -fingerprint` and devices print.
    public init(_ input: String) throws(ProvisioningError) {
        let text = FingerprintText(input)
        if let kind = text.otherKind {
            throw ProvisioningError(
                .badFingerprint, "this is \(kind); devices want the SHA-1: \(FingerprintText.commandLine)")
        }
        guard let bytes = Hexadecimal.bytes(Array(text.digits.utf8)), bytes.count == CertificateFingerprint.byteCount
        else {
            let isWrongHash = text.digits.count == 2 * CertificateFingerprint.sha256ByteCount
            let isOther = !text.digits.allSatisfy(\.isHexDigit)
            let found = isOther ? "there are other characters among these" : "these are \(text.digits.count)"
            throw ProvisioningError(
                .badFingerprint,
                "a fingerprint is the SHA-1 of a certificate, \(2 * CertificateFingerprint.byteCount) hexadecimal "
                    + "digits; \(isWrongHash ? "this may be a SHA-256" : found): "
                    + FingerprintText.commandLine)
        }
        self.text = Hexadecimal.text(bytes)
    }

    /// Reads the payload of an envelope, which must be the 40 digits and nothing else.
    init(payload: SecretBytes) throws(ProvisioningError) {
        let digits = payload.withUnsafeBytes { Array($0) }
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 2 * CertificateFingerprint.byteCount, try CertificateFingerprint(text).text == text else {
            throw ProvisioningError(
                .badFingerprint,
                "the payload is not the SHA-1 of a certificate as \(2 * CertificateFingerprint.byteCount) lower-case "
                    + "digits"
            )
        }
        self.text = text
    }

    /// The payload of an envelope that activates or deactivates this certificate.
    public var payload: SecretBytes { SecretBytes(text.utf8) }

    /// The digits.
    public var description: String { text }
}
