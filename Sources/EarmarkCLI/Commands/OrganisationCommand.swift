import ArgumentParser
import EarmarkConsole
import EarmarkReport
import EarmarkService
import EarmarkStore

/// The command `earmark org`.
struct OrganisationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "org", abstract: "Add and list organisations and their domains.",
        subcommands: [Add.self, List.self, DomainCommand.self])

    /// The command `earmark org add`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an organisation with a key of its own.",
            discussion: """
                  earmark org add "Example Labs" --retention 30
                """)

        @Argument(help: "Name of the organisation.")
        var name: String

        @Option(help: ArgumentHelp("Days that meetings are kept after their end, 0 to 36500.", valueName: "days"))
        var retention: Int64 = OrganisationSettings().retentionDays

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            var settings = OrganisationSettings()
            settings.retentionDays = retention
            let view = OrganisationView(
                try storeOptions.open().addOrganisation(name: name, settings: settings))
            try json.print(["organisation": view], human: OrganisationCommand.table([view]))
        }
    }

    /// The command `earmark org list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the organisations of the store.",
            discussion: """
                  earmark org list
                """)

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let views = try storeOptions.open().organisations().map(OrganisationView.init)
            try json.print(["organisations": views], human: OrganisationCommand.table(views))
        }
    }

    /// The command `earmark org domain`.
    struct DomainCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "domain", abstract: "Manage the domains whose hosts belong to an organisation.",
            subcommands: [AddDomain.self])
    }

    /// The command `earmark org domain add`.
    struct AddDomain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Register a domain for the organisation.",
            discussion: """
                As soon as one domain is registered, meetings hosted from any other are foreign; subdomains count as \
                other domains.

                  earmark org domain add example.org
                """)

        @Argument(help: "The domain.")
        var domain: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try organisationOption.organisation(in: store).id
            try store.addDomain(domain, to: id)
            let view = OrganisationView(try store.organisation(id))
            try json.print(["organisation": view], human: OrganisationCommand.table([view]))
        }
    }

    private static func table(_ organisations: [OrganisationView]) -> String {
        var table = Table("ORGANISATION", "NAME", "DOMAINS")
        for organisation in organisations {
            let domains = organisation.domains.joined(separator: ", ")
            table.add(organisation.id, organisation.name, domains.isEmpty ? "-" : domains)
        }
        return table.text
    }
}
