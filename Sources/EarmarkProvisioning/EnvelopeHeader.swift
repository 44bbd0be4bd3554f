/// The protected header of an envelope.
struct EnvelopeHeader: Equatable {
    let action: ProvisioningAction
    let cipher: ContentCipher
    let salt: [UInt8]

    /// Headers beyond this length, in bytes, are refused before they are read; ours have about 120.
    static let maximumByteCount = 8 << 10
    static let tooLong = ProvisioningError(.badHeader, "the header is longer than \(maximumByteCount) bytes")
    /// The recipe's least number of random bytes.
    static let minimumSaltByteCount = 4
    /// The version of the key derivation that there is.
    static let kdfVersion = "1"
    /// Key management of RFC 7518, section 4.5: the shared key itself encrypts.
    static let algorithm = "dir"

    /// The text that is sealed: names in byte order and no spaces, as in the recipe's example.
    ///
    /// No value needs escaping.
    var text: [UInt8] {
        let salt = String(decoding: Base64URL.encode(self.salt), as: UTF8.self)
        return Array(
            """
            {"alg":"\(EnvelopeHeader.algorithm)","cisco-action":"\(action.rawValue)",\
            "cisco-kdf":{"salt":"\(salt)","version":"\(EnvelopeHeader.kdfVersion)"},"enc":"\(cipher.rawValue)"}
            """.utf8)
    }

    init(action: ProvisioningAction, cipher: ContentCipher, salt: [UInt8]) {
        self.action = action
        self.cipher = cipher
        self.salt = salt
    }

    /// Reads the bytes of a header in the order of checks that docs/provisioning.md lists.
    ///
    /// - Parameters:
    ///   - bytes: the decoded first segment.
    ///   - expected: the action that the caller wants; nil takes any.
    init(parsing bytes: [UInt8], expecting expected: ProvisioningAction?) throws(ProvisioningError) {
        let members = try EnvelopeHeader.members(bytes)
        if members["crit"] != nil {
            throw ProvisioningError(
                .criticalHeader, "the header has 'crit': it demands extensions that do not exist here")
        }
        if members["zip"] != nil {
            throw ProvisioningError(
                .unsupportedCompression, "the header has 'zip': compressed payloads are not supported")
        }
        let fields = try Fields(members)
        guard fields.algorithm.matches(EnvelopeHeader.algorithm) else {
            throw ProvisioningError(.unsupportedAlgorithm, "alg is not '\(EnvelopeHeader.algorithm)'")
        }
        guard let cipher = ContentCipher.allCases.first(where: { fields.encryption.matches($0.rawValue) }) else {
            throw ProvisioningError(.unsupportedEncryption, "enc is neither A128GCM nor A256GCM")
        }
        guard let action = ProvisioningAction.allCases.first(where: { fields.action.matches($0.rawValue) }) else {
            throw ProvisioningError(
                .unsupportedAction, "cisco-action is none of add, populate, activate and deactivate")
        }
        if let expected, action != expected {
            throw ProvisioningError(
                .actionMismatch, "the envelope serves '\(action.rawValue)', not '\(expected.rawValue)'")
        }
        guard fields.version.matches(EnvelopeHeader.kdfVersion) else {
            throw ProvisioningError(.unsupportedKDFVersion, "the version of cisco-kdf is not \"1\"")
        }
        guard let salt = Base64URL.decode(fields.salt) else {
            throw ProvisioningError(.badBase64URL, "the salt is not base64url without padding")
        }
        guard salt.count >= EnvelopeHeader.minimumSaltByteCount else {
            throw ProvisioningError(
                .saltTooShort,
                "the salt has \(salt.count) bytes; at least \(EnvelopeHeader.minimumSaltByteCount) are needed")
        }
        self.init(action: action, cipher: cipher, salt: salt)
    }

    /// The members of the header's object, once it is known to be one.
    private static func members(_ bytes: [UInt8]) throws(ProvisioningError) -> [JSONValue.Member] {
        guard bytes.count <= maximumByteCount else { throw tooLong }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ProvisioningError(.badHeader, "the header is not UTF-8")
        }
        var reader = JSONReader(bytes)
        let value: JSONValue
        do {
            value = try reader.value()
        } catch {
            throw ProvisioningError(.badHeader, "the header is not JSON: \(error.what) at byte \(error.offset)")
        }
        guard case .object(let members) = value else {
            throw ProvisioningError(.badHeader, "the header is JSON, but no object")
        }
        guard !reader.hasDuplicateName else {
            throw ProvisioningError(.duplicateHeaderName, "the header gives a name twice")
        }
        return members
    }

    /// The parameters that must be there as texts.
    private struct Fields {
        let algorithm: [UInt8]
        let encryption: [UInt8]
        let action: [UInt8]
        let salt: [UInt8]
        let version: [UInt8]

        init(_ members: [JSONValue.Member]) throws(ProvisioningError) {
            algorithm = try members.text("alg")
            encryption = try members.text("enc")
            action = try members.text("cisco-action")
            guard case .object(let derivation)? = members["cisco-kdf"] else {
                throw ProvisioningError(.badHeader, "the header has no object 'cisco-kdf'")
            }
            salt = try derivation.text("salt")
            version = try derivation.text("version")
        }
    }
}

extension [JSONValue.Member] {
    fileprivate subscript(_ name: String) -> JSONValue? { first { $0.name.matches(name) }?.value }

    fileprivate func text(_ name: String) throws(ProvisioningError) -> [UInt8] {
        guard let text = self[name]?.text else {
            throw ProvisioningError(.badHeader, "the header has no text '\(name)'")
        }
        return text
    }
}

extension [UInt8] {
    /// Whether these are exactly the UTF-8 bytes of `text`.
    fileprivate func matches(_ text: String) -> Bool { elementsEqual(text.utf8) }
}
