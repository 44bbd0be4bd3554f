/// Reads what a security code is made from.
package enum SecurityCodeInput {
    /// The bytes of hexadecimal digits, white space at the end aside.
    ///
    /// - Parameters:
    ///   - text: the digits, secret as the bytes are.
    ///   - name: what they are, for the message.
    /// - Throws: `badExporterInput` for anything else.
    package static func bytes(hexadecimal text: SecretBytes, _ name: String) throws(ProvisioningError) -> SecretBytes {
        try text.withUnsafeBytes { text throws(ProvisioningError) in
            let digits = text.prefix { $0 > 0x20 }
            guard digits.count.isMultiple(of: 2), digits.allSatisfy({ digit($0) != nil }) else {
                throw ProvisioningError(.badExporterInput, "\(name) is not hexadecimal")
            }
            return SecretBytes(count: digits.count / 2) { bytes in
                for index in bytes.indices {
                    bytes[index] = (digit(digits[2 * index]) ?? 0) << 4 | (digit(digits[2 * index + 1]) ?? 0)
                }
            }
        }
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        Character(Unicode.Scalar(character)).hexDigitValue.map { UInt8($0) }
    }
}
