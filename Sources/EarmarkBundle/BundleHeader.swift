package import EarmarkFiles
package import EarmarkStore
import Foundation

/// What anybody can read of a bundle; whoever changes it makes the bundle useless.
package struct BundleHeader: Codable, Equatable, Sendable {
    /// Identifier.
    package let bundle: BundleID
    /// When it was made.
    package let created: Timestamp
    /// From when on workers refuse it.
    package let expires: Timestamp
    /// Fingerprint of the key that it is sealed to.
    package let recipient: String
    /// Meetings that it holds.
    package let meetings: Int
    /// Whether it searches all of them, for recordings whose meeting is not known.
    package let search: Bool
    /// Version of the program that made it.
    package let toolVersion: String

    /// Seconds by which a worker's clock may be behind that of the store.
    private static let clockTolerance: Int64 = 300

    /// Refuses a bundle that does not hold at `now`.
    ///
    /// - Throws: `expired`, `notYetValid`.
    package func requireValid(at now: Timestamp) throws(BundleError) {
        if now >= expires {
            throw BundleError(.expired, "bundle '\(bundle)' expired at \(expires.text): have a new one made")
        }
        if now + Self.clockTolerance < created {
            throw BundleError(
                .notYetValid,
                "bundle '\(bundle)' was made at \(created.text), which is after this machine's clock, \(now.text)")
        }
    }
}

/// What is sealed in a bundle beside the meetings.
package struct BundleTerms: Codable, Sendable {
    /// Limits and the bound, as the organisation decided them when the bundle was made.
    struct Settings: Codable, Sendable {
        let maximumBytes: Int64
        let minimumSeconds: Double
        let log10Threshold: Double
        let allowsShort: Bool
        let retentionDays: Int64

        init(_ settings: OrganisationSettings) {
            maximumBytes = settings.maximumBytes
            minimumSeconds = settings.minimumSeconds
            log10Threshold = settings.log10Threshold
            allowsShort = settings.allowsShort
            retentionDays = settings.retentionDays
        }

        var value: OrganisationSettings {
            var settings = OrganisationSettings()
            settings.maximumBytes = maximumBytes
            settings.minimumSeconds = minimumSeconds
            settings.log10Threshold = log10Threshold
            settings.allowsShort = allowsShort
            settings.retentionDays = retentionDays
            return settings
        }
    }

    /// Whose meetings.
    package let organisation: OrganisationID
    /// With a search, only meetings that ended after this.
    package let since: Timestamp?
    /// With a search, only meetings that began before this.
    package let until: Timestamp?
    /// Meetings that a search leaves out since their keys are split.
    package let withoutShares: Int
    /// Meetings that a search leaves out since their keys are gone.
    package let withoutKey: Int
    /// Meetings that a search leaves out since they are not to be marked, though tickets were issued; nil for none.
    package let withoutMark: Int?
    /// Whether the organisation has meetings beside those of the bundle.
    package let hasOthers: Bool
    /// Number of the profile whose marks are looked for.
    let profile: Int
    let decided: Settings
    /// Ed25519 private key that signs lines.
    let workerKey: Data

    /// The organisation's decisions.
    package var settings: OrganisationSettings { decided.value }
}
