public import Foundation

extension IdentityBundle {
    /// Days before a certificate's end from which on it is called to expire soon, unless told otherwise.
    public static let defaultWarningDays = 30

    /// Everything that speaks for or against the bundle.
    ///
    /// - Parameters:
    ///   - date: when it shall be valid.
    ///   - roots: authorities to trust; nil asks those of the system, whose silence is no error.
    ///   - warningDays: days before the end from which on to warn.
    ///   - policy: what else is asked.
    /// - Returns: what reading found, then what the checks found, errors not necessarily first.
    public func check(
        at date: Date, roots: TrustedRoots? = nil, warningDays: Int = IdentityBundle.defaultWarningDays,
        policy: BundlePolicy = BundlePolicy()
    ) async -> [Finding] {
        guard let leaf else { return findings }
        var all = findings
        // The certificate that belongs to the key.
        if !leaf.isP256 {
            all.append(Finding(.keyNotP256, .error, "the certificate's key is not on P-256"))
        }
        all += leaf.validityFindings(at: date, warningDays: warningDays)
        if !policy.allowsAnyPurpose { all += leaf.purposeFindings }
        all += chain.flatMap(\.signatureFindings)
        if let roots {
            all += await chainFindings(leaf, to: roots, at: date, policy)
        } else {
            all += await unaskedChainFindings(leaf, at: date, policy)
        }
        return all
    }
}
