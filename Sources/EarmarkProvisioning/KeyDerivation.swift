package import Crypto
import CryptoExtras
import Foundation

/// Parameters of scrypt (RFC 7914).
struct ScryptParameters: Equatable, Sendable {
    /// N: blocks that are filled and then read at random; a power of two.
    let rounds: Int
    /// r: size of a block in units of 128 bytes.
    let blockSize: Int
    /// p: independent runs.
    let parallelism: Int

    /// Version "1" of the recipe's key derivation.
    static let version1 = ScryptParameters(rounds: 32_768, blockSize: 8, parallelism: 1)

    /// The recipe's limit of memory, in bytes.
    static let memoryLimit = 64 << 20

    /// Memory that a derivation takes, in bytes: N blocks to fill, p to mix and one to work in; nil beyond any limit.
    ///
    /// The library takes a limit and ignores it, so that this is what keeps it.
    var memoryByteCount: Int? {
        let (blocks, isTooMany) = rounds.addingReportingOverflow(parallelism + 1)
        let (bytes, isTooLarge) = blocks.multipliedReportingOverflow(by: 128 * blockSize)
        return isTooMany || isTooLarge ? nil : bytes
    }
}

/// Turns a secret and a salt into the key of one envelope.
///
/// Production code has one, `scrypt`. Tests and fuzzers put others in its place, to spare the cost.
package struct KeyDerivation: Sendable {
    /// Derives a key of the given length, in bytes.
    package let derive:
        @Sendable (_ secret: ClientSecret, _ salt: [UInt8], _ byteCount: Int) throws(ProvisioningError) -> SymmetricKey

    /// Derives with `derive`.
    package init(
        derive: @escaping @Sendable (ClientSecret, [UInt8], Int) throws(ProvisioningError) -> SymmetricKey
    ) {
        self.derive = derive
    }

    /// Scrypt with N 32,768, r 8 and p 1, in 33,556,480 bytes of memory.
    package static let scrypt = KeyDerivation { secret, salt, byteCount throws(ProvisioningError) in
        try deriveKey(from: secret, salt: salt, byteCount: byteCount, parameters: .version1)
    }

    static func deriveKey(
        from secret: ClientSecret, salt: [UInt8], byteCount: Int, parameters: ScryptParameters
    ) throws(ProvisioningError) -> SymmetricKey {
        guard let needed = parameters.memoryByteCount, needed <= ScryptParameters.memoryLimit else {
            throw ProvisioningError(
                .keyDerivationFailed, "the key derivation would take more than \(ScryptParameters.memoryLimit) bytes")
        }
        do {
            return try secret.bytes.withUnsafeBytes { bytes in
                try KDF.Scrypt.deriveKey(
                    from: bytes, salt: salt, outputByteCount: byteCount, rounds: parameters.rounds,
                    blockSize: parameters.blockSize, parallelism: parameters.parallelism)
            }
        } catch {
            throw ProvisioningError(
                .keyDerivationFailed, "the key cannot be derived; it takes \(needed) bytes of memory")
        }
    }
}
