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
        let key = PublicKeyForm(publicKey(der))
        if let bits = key.rsaBitCount, bits < shortestRSABitCount {
            return ProvisioningError(
                .unsupportedKeyForm,
                "a certificate's key is for RSA with \(bits) bits, which can be broken; authorities need "
                    + "\(shortestRSABitCount) or more, and devices a key on P-256: openssl genpkey -algorithm EC "
                    + "-pkeyopt ec_paramgen_curve:P-256 -out NEW.key")
        }
        if AlgorithmName.namesP256(der), key.isPointInOtherForm {
            return ProvisioningError(
                .unsupportedKeyForm,
                "a certificate's key is on P-256 but not written in full as devices read it; write the key anew with "
                    + "openssl ec -in KEY.pem -conv_form uncompressed -out NEW.pem, and request a certificate for that")
        }
        if let certificate = try? Certificate(derEncoded: der) {
            do throws(ProvisioningError) {
                try requireExtensions(of: certificate)
            } catch {
                return error
            }
        }
        if AlgorithmName.serialNumber(inCertificate: der)?.first.map({ $0 & 0x80 != 0 }) == true {
            return ProvisioningError(
                .badCertificate,
                "a certificate's serial number is negative; sign the request again without -set_serial, and openssl "
                    + "x509 -req chooses one")
        }
        return ProvisioningError(.badCertificate, "a certificate cannot be read: its bytes are no certificate")
    }

    /// RSA keys of fewer bits are not read by the library, nor trusted by anybody since 2014.
    private static let shortestRSABitCount = 2_048

    /// Refuses extensions that hold something else than what they are for: OpenSSL calls such a certificate invalid,
    /// and whoever passes over them takes it for one without.
    static func requireExtensions(of certificate: Certificate) throws(ProvisioningError) {
        let extensions = certificate.extensions
        let reads: [(name: String, read: () throws -> Void)] = [
            ("subjectAltName", { _ = try extensions.subjectAlternativeNames }),
            ("basicConstraints", { _ = try extensions.basicConstraints }),
            ("extendedKeyUsage", { _ = try extensions.extendedKeyUsage }),
            ("nameConstraints", { _ = try extensions.nameConstraints }),
            // Of well-known authorities some write more bits than DER allows, which OpenSSL takes.
            ("keyUsage", { try requireBits(extensions[oid: .X509ExtensionID.keyUsage]) }),
        ]
        for (name, read) in reads where (try? read()) == nil {
            throw ProvisioningError(
                .badCertificate,
                "a certificate's extension '\(name)' cannot be read; sign the request again with another -extfile")
        }
    }

    private static func requireBits(_ usage: Certificate.Extension?) throws {
        guard let usage else { return }
        guard try DER.parse(Array(usage.value)).identifier == .bitString else {
            throw ASN1Error.unexpectedFieldType(.bitString)
        }
    }

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
