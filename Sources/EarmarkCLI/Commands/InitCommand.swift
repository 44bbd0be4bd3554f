import ArgumentParser
import EarmarkConsole
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

/// The command `earmark init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create the store and its key file.",
        discussion: """
            Nothing is overwritten: if store or key file exists already, the command fails. Back up both, apart from \
            each other: the store is useless without its keys.

              earmark init --org "Example Ltd"
              earmark init --org "Example Ltd" --retention 90 \\
                --store /srv/earmark/example.db
            """)

    @Option(help: "Name of the first organisation.")
    var org: String

    @Option(help: ArgumentHelp("Days that meetings are kept after their end, 0 to 36500.", valueName: "days"))
    var retention: Int64 = OrganisationSettings().retentionDays

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var json: JSONFlag

    func run() throws {
        var settings = OrganisationSettings()
        settings.retentionDays = retention
        let store = try Store.create(at: storeOptions.location, organisationName: org, settings: settings)
        let organisation = OrganisationView(try store.organisation())
        try json.print(
            ["organisation": organisation, "store": store.location.store, "keyFile": store.location.keyFile],
            human: Table.list([
                "organisation": "\(organisation.name) (\(organisation.id))", "store": store.location.store,
                "key file": store.location.keyFile,
            ]))
    }
}
