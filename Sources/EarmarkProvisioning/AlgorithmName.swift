import SwiftASN1

/// Names of kinds of keys and curves, found by their object identifiers.
enum AlgorithmName {
    private static let p256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 3, 1, 7]
    /// prime-field, which stands only where a curve is spelled out by its parameters (RFC 3279, section 2.3.5).
    private static let primeField: ASN1ObjectIdentifier = [1, 2, 840, 10045, 1, 1]

    private static let curves: [(ASN1ObjectIdentifier, String)] = [
        ([1, 3, 132, 0, 34], "P-384"), ([1, 3, 132, 0, 35], "P-521"), ([1, 3, 132, 0, 10], "secp256k1"),
        ([1, 3, 132, 0, 33], "P-224"), ([1, 2, 840, 10045, 3, 1, 1], "P-192"),
        ([1, 3, 36, 3, 3, 2, 8, 1, 1, 7], "brainpoolP256r1"), ([1, 3, 36, 3, 3, 2, 8, 1, 1, 11], "brainpoolP384r1"),
        ([1, 3, 36, 3, 3, 2, 8, 1, 1, 13], "brainpoolP512r1"), ([1, 2, 156, 10197, 1, 301], "SM2"),
    ]
    private static let others: [(ASN1ObjectIdentifier, String)] = [
        ([1, 2, 840, 113549, 1, 1, 1], "RSA"), ([1, 2, 840, 113549, 1, 1, 10], "RSA-PSS"),
        ([1, 2, 840, 10040, 4, 1], "DSA"), ([1, 2, 840, 113549, 1, 3, 1], "Diffie-Hellman"),
        ([1, 2, 840, 10046, 2, 1], "Diffie-Hellman"), ([1, 3, 101, 110], "X25519"), ([1, 3, 101, 111], "X448"),
        ([1, 3, 101, 112], "Ed25519"), ([1, 3, 101, 113], "Ed448"),
    ]
    private static let signatures: [(ASN1ObjectIdentifier, String)] = [
        ([1, 2, 840, 113549, 1, 1, 10], "RSA-PSS"), ([1, 2, 840, 113549, 1, 1, 4], "MD5, which is broken,"),
        ([1, 2, 840, 113549, 1, 1, 5], "SHA-1, which is broken,"),
        ([1, 2, 840, 10045, 4, 1], "SHA-1, which is broken,"),
        ([1, 2, 840, 10045, 4, 3, 1], "SHA-224"), ([1, 2, 840, 113549, 1, 1, 14], "SHA-224"),
        ([1, 2, 840, 113549, 1, 1, 15], "SHA-512/224"), ([1, 2, 840, 113549, 1, 1, 16], "SHA-512/256"),
        ([1, 3, 101, 112], "Ed25519"), ([1, 3, 101, 113], "Ed448"), ([1, 2, 156, 10197, 1, 501], "SM2"),
        ([2, 16, 840, 1, 101, 3, 4, 3, 9], "SHA3"), ([2, 16, 840, 1, 101, 3, 4, 3, 10], "SHA3"),
        ([2, 16, 840, 1, 101, 3, 4, 3, 11], "SHA3"), ([2, 16, 840, 1, 101, 3, 4, 3, 12], "SHA3"),
        ([2, 16, 840, 1, 101, 3, 4, 3, 13], "SHA3"), ([2, 16, 840, 1, 101, 3, 4, 3, 14], "SHA3"),
        ([2, 16, 840, 1, 101, 3, 4, 3, 15], "SHA3"), ([2, 16, 840, 1, 101, 3, 4, 3, 16], "SHA3"),
        ([2, 16, 840, 1, 101, 3, 4, 3, 1], "DSA"), ([2, 16, 840, 1, 101, 3, 4, 3, 2], "DSA"),
        ([1, 2, 840, 10040, 4, 3], "DSA"),
    ]

    /// The kind of the key in `der`, a curve before the family; nil if it is none of those known.
    static func key(inDER der: [UInt8]) -> String? {
        let found = identifiers(der)
        return (curves + others).first { found.contains($0.0) }?.1
    }

    /// How the certificate in `der` is signed, if that is a way that devices are not known to take.
    static func signature(inCertificate der: [UInt8]) -> String? {
        guard let algorithm = children(der)?.dropFirst().first else { return nil }
        let found = identifiers(algorithm)
        return signatures.first { found.first == $0.0 }?.1
    }

    /// The bytes of a certificate's serial number, most significant first; nil if there is none.
    static func serialNumber(inCertificate der: [UInt8]) -> ArraySlice<UInt8>? {
        guard let signed = children(der)?.first, case .constructed(let fields) = signed.content,
            let number = fields.first(where: { $0.identifier == .integer }), case .primitive(let bytes) = number.content
        else { return nil }
        return bytes
    }

    /// Whether P-256 is named in `der`.
    static func namesP256(_ der: [UInt8]) -> Bool { identifiers(der).contains(p256) }

    /// Whether a curve is spelled out in `der`.
    static func hasExplicitCurve(_ der: [UInt8]) -> Bool { identifiers(der).contains(primeField) }

    /// The elements of the outermost sequence of `der`.
    static func children(_ der: [UInt8]) -> [ASN1Node]? {
        guard let node = try? DER.parse(der), case .constructed(let nodes) = node.content else { return nil }
        return Array(nodes)
    }

    private static func identifiers(_ der: [UInt8]) -> [ASN1ObjectIdentifier] {
        (try? DER.parse(der)).map { identifiers($0) } ?? []
    }

    /// All object identifiers in their order; the parser bounds how deep they can lie.
    private static func identifiers(_ node: ASN1Node) -> [ASN1ObjectIdentifier] {
        switch node.content {
        case .constructed(let nodes): nodes.flatMap { identifiers($0) }
        case .primitive: (try? ASN1ObjectIdentifier(derEncoded: node)).map { [$0] } ?? []
        }
    }
}
