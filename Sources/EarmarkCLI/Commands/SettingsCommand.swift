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

extension SettingKey: ExpressibleByArgument {}
