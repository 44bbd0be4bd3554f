/// What an organisation decided about marking, keeping and accusing.
public struct OrganisationSettings: Sendable, Equatable {
    /// Whether meetings are marked at all.
    public var isWatermarkingOn = true
    /// Days after a meeting's planned end until it can no longer be analysed.
    public var retentionDays: Int64 = 360
    /// Largest file that is analysed, in bytes.
    public var maximumBytes: Int64 = 500_000_000
    /// Recordings must be longer than this, in seconds of decoded audio.
    public var minimumSeconds: Double = 100
    /// log10 of the false-accusation bound that a source must meet, after all corrections.
    public var log10Threshold: Double = -9
    /// Whether a recording of `minimumSeconds` or less is analysed all the same.
    public var allowsShort = false

    /// The defaults.
    public init() {}

    /// Allowed retention: from none to a century, in days.
    public static let retentionRange: ClosedRange<Int64> = 0...36_500
    /// Allowed size limit in bytes: up to a terabyte.
    public static let maximumBytesRange: ClosedRange<Int64> = 1...1_000_000_000_000
    /// Allowed minimum length in seconds: up to a day.
    public static let minimumSecondsRange: ClosedRange<Double> = 0...86_400
    /// Allowed threshold: never laxer than one false accusation in a thousand analyses, never beyond what the keys of
    /// 256 bits carry.
    public static let log10ThresholdRange: ClosedRange<Double> = -70 ... -3

    /// Refuses values outside the ranges above.
    func validate() throws(StoreError) {
        try Self.require(Self.retentionRange.contains(retentionDays), "retention", "0 to 36500 days")
        try Self.require(Self.maximumBytesRange.contains(maximumBytes), "max-bytes", "1 to 1000000000000 bytes")
        try Self.require(Self.minimumSecondsRange.contains(minimumSeconds), "min-seconds", "0 to 86400 seconds")
        try Self.require(Self.log10ThresholdRange.contains(log10Threshold), "threshold", "1e-70 to 1e-3")
    }

    private static func require(_ isFit: Bool, _ name: String, _ range: String) throws(StoreError) {
        if !isFit { throw StoreError(.valueInvalid, "setting '\(name)' must be \(range)") }
    }
}

extension OrganisationSettings {
    /// The settings as the audit log names them.
    var auditDetails: [String: String] {
        [
            "watermarking": isWatermarkingOn ? "on" : "off", "retentionDays": "\(retentionDays)",
            "maximumBytes": "\(maximumBytes)", "minimumSeconds": "\(minimumSeconds)",
            "log10Threshold": "\(log10Threshold)", "allowShort": allowsShort ? "on" : "off",
        ]
    }
}
