import ArgumentParser
import EarmarkConsole
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark settings`.
struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Read and change an organisation's settings.",
        discussion: """
            watermarking  on (default) or off: whether meetings are marked and analysed
            retention     days that meetings are kept after their planned end, 0 to 36500 (default 360)
            max-bytes     largest file that is analysed, bytes (default 500000000)
            min-seconds   recordings must be longer than this, seconds (default 100)
            threshold     largest chance of a false accusation, at most 1e-3 (default 1e-9)
            allow-short   on or off (default): whether shorter recordings are analysed all the same
            """,
        subcommands: [Get.self, Set.self], aliases: ["setting"])

    /// The command `earmark settings get`.
    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all settings, or the value of one.",
            discussion: """
                  earmark settings get
                  earmark settings get retention
                """)

        @Argument(help: "The setting; all of them without it.")
        var key: SettingKey?

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let settings = try organisationOption.organisation(in: store).settings
            let text = key.map { $0.text(settings) } ?? SettingKey.table(settings)
            try json.print(["settings": SettingsView(settings)], human: text)
        }
    }

    /// The command `earmark settings set`.
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a setting.",
            discussion: """
                  earmark settings set retention 90
                  earmark settings set watermarking off
                  earmark settings set threshold 1e-12
                """)

        @Argument(help: "The setting.")
        var key: SettingKey

        @Argument(help: "Its new value.")
        var value: String

        @Flag(help: "Shorten the retention even if meetings are purged at once.")
        var yes = false

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            var settings = organisation.settings
            try key.change(&settings, to: value)
            if !yes { try RetentionCommand.requireNothingDue(settings, of: organisation.id, in: store) }
            try store.updateSettings(settings, of: organisation.id)
            try json.print(["settings": SettingsView(settings)], human: SettingKey.table(settings))
        }
    }
}

/// The settings by their names on the command line.
enum SettingKey: String, ExpressibleByArgument, CaseIterable {
    case watermarking
    case retention
    case maximumBytes = "max-bytes"
    case minimumSeconds = "min-seconds"
    case threshold
    case allowShort = "allow-short"

    /// The setting's value as `set` takes it.
    func text(_ settings: OrganisationSettings) -> String {
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
    static func table(_ settings: OrganisationSettings) -> String {
        var table = Table("SETTING", "VALUE")
        for key in allCases { table.add(key.rawValue, key.text(settings)) }
        return table.text
    }

    /// Puts `value` into `settings`; the store checks its range.
    func change(_ settings: inout OrganisationSettings, to value: String) throws(CommandError) {
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
        try parsed(Toggle(rawValue: value), "on or off") == .on
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
