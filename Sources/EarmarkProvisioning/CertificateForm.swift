import SwiftASN1
import X509

/// Why a certificate is not one that devices are known to take, and the line that makes one that is.
enum CertificateForm {
    /// What is wrong with the bytes of a certificate that the library refused for `reason`.
    static func error(_ der: [UInt8], _ reason: any Error) -> ProvisioningError {
        if AlgorithmName.hasExplicitCurve(der) {
            return ProvisioningError(
                .unsupportedKeyForm,
                "a certificate's key spells its curve out instead of naming it; write the key anew with openssl ec -in "
                    + "KEY.pem -param_enc named_curve -out NEW.pem, and request a certificate for that")
        }
        if let signature = AlgorithmName.signature(inCertificate: der) {
            return ProvisioningError(.unsupportedSignature, self.signature(signature, of: nil))
        }
        let code = (reason as? CertificateError)?.code
        if code == .unsupportedPublicKeyAlgorithm {
            let kind = AlgorithmName.key(inDER: publicKey(der)).map { "for \($0), " } ?? ""
            return ProvisioningError(
                .keyNotP256,
                "a certificate's key is \(kind)on no curve that devices take; P-256 is needed: openssl genpkey "
                    + "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ROOM.key")
        }
        if AlgorithmName.namesP256(der), AlgorithmName.children(der)?.count == certificateFieldCount {
            return ProvisioningError(
                .unsupportedKeyForm,
                "a certificate's key is on P-256 but not written in full, or the certificate is damaged; write the key "
                    + "anew with openssl ec -in KEY.pem -conv_form uncompressed -out NEW.pem, and request a "
                    + "certificate for that")
        }
        return ProvisioningError(.badCertificate, "a certificate cannot be read: its bytes are no certificate")
    }

    /// A certificate is a sequence of what is signed, how, and the signature (RFC 5280, section 4.1).
    private static let certificateFieldCount = 3

    /// What is wrong with a signature that is `kind`.
    static func signature(_ kind: String, of name: String?) -> String {
        let whose = name.map { "the certificate of '\($0)'" } ?? "a certificate"
        return
            "\(whose) is signed with \(kind) instead of ECDSA or RSA (PKCS #1) with SHA-256 or longer, which are known "
            + "to be taken; sign it again: openssl x509 -req -in ROOM.csr -CA ca.pem -CAkey ca.key -sha256 -extfile "
            + "ROOM.ext -out ROOM.crt, with a key of the authority that is RSA or on a curve"
    }

    /// The bytes of the public key: the last sequence of what is signed that holds a bit string.
    private static func publicKey(_ der: [UInt8]) -> [UInt8] {
        guard let signed = AlgorithmName.children(der)?.first, case .constructed(let fields) = signed.content else {
            return der
        }
        let key = Array(fields).last { field in
            guard case .constructed(let parts) = field.content else { return false }
            return field.identifier == .sequence && parts.contains { $0.identifier == .bitString }
        }
        return key.map { Array($0.encodedBytes) } ?? der
    }
}
