package import EarmarkConsole
import EarmarkReport
package import EarmarkStore
import Foundation

/// The settings by their names on the command line.
package enum SettingKey: String, CaseIterable {
    case watermarking
    case retention
    case maximumBytes = "max-bytes"
    case minimumSeconds = "min-seconds"
    case threshold
    case allowShort = "allow-short"

    /// The setting's value as `set` takes it.
    package func text(_ settings: OrganisationSettings) -> String {
        switch self {
        case .watermarking: settings.isWatermarkingOn ? "on" : "off"
        case .retention: String(settings.retentionDays)
        case .maximumBytes: String(settings.maximumBytes)
        case .minimumSeconds: Self.number(settings.minimumSeconds)
        case .threshold: Self.probability(log10: settings.log10Threshold)
        case .allowShort: settings.allowsShort ? "on" : "off"
        }
    }

    /// All settings for people.
    package static func table(_ settings: OrganisationSettings) -> String {
        var table = Table("SETTING", "VALUE")
        for key in allCases { table.add(key.rawValue, key.text(settings)) }
        return table.text
    }

    /// Puts `value` into `settings`; the store checks its range.
    package func change(_ settings: inout OrganisationSettings, to value: String) throws(CommandError) {
        let value = value.trimmingCharacters(in: .whitespaces)
        switch self {
        case .watermarking: settings.isWatermarkingOn = try toggle(value)
        case .retention: settings.retentionDays = try parsed(Int64(value), "a whole number of days")
        case .maximumBytes: settings.maximumBytes = try parsed(Int64(value), "a whole number of bytes")
        case .minimumSeconds: settings.minimumSeconds = try parsed(Double(value), "a number of seconds")
        case .threshold: settings.log10Threshold = try log10Threshold(value)
        case .allowShort: settings.allowsShort = try toggle(value)
        }
    }

    private func parsed<Value>(_ value: Value?, _ form: String) throws(CommandError) -> Value {
        guard let value else { throw CommandError(.invalidInput, "setting '\(rawValue)' must be \(form)") }
        return value
    }

    private func toggle(_ value: String) throws(CommandError) -> Bool {
        try parsed(["on": true, "off": false][value], "on or off")
    }

    /// A probability such as `1e-9`, or its logarithm such as `-9`.
    private func log10Threshold(_ value: String) throws(CommandError) -> Double {
        let number = try parsed(Double(value), "a probability such as 1e-9")
        guard number > 0 else { return number }
        return log10(number)
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? String(value)
    }

    /// `1e-9` for whole exponents, else the logarithm itself, which `set` takes as well.
    private static func probability(log10: Double) -> String {
        Int64(exactly: log10).map { "1e\($0)" } ?? String(log10)
    }
}
