import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

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
            try json.print(["organisation": view], human: OrganisationView.table([view]))
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
            try json.print(["organisations": views], human: OrganisationView.table(views))
        }
    }

    /// The command `earmark org domain`.
    struct DomainCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "domain", abstract: "Manage the domains whose hosts belong to an organisation.",
            subcommands: [AddDomain.self, ListDomains.self, RemoveDomain.self])
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
            try json.print(["organisation": view], human: OrganisationView.table([view]))
        }
    }

    /// The command `earmark org domain list`.
    struct ListDomains: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the organisation's domains.",
            discussion: """
                  earmark org domain list
                """)

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let domains = try organisationOption.organisation(in: try storeOptions.open()).domains
            try json.print(
                ["domains": domains],
                human: domains.isEmpty ? "none: no meeting is foreign" : domains.joined(separator: "\n"))
        }
    }

    /// The command `earmark org domain remove`.
    struct RemoveDomain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Take a domain from the organisation.",
            discussion: """
                Meetings that are hosted from it are foreign from then on, as long as another domain is registered.

                  earmark org domain remove exmaple.org
                """)

        @Argument(help: "The domain.")
        var domain: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let id = try organisationOption.organisation(in: store).id
            let before = try store.meetings(in: id).count { $0.state == .foreign }
            try store.removeDomain(domain, from: id)
            let more = try store.meetings(in: id).count { $0.state == .foreign } - before
            if more > 0 { Output.message("earmark: warning: \(Counted.text(more, "more meeting")) foreign now") }
            let view = OrganisationView(try store.organisation(id))
            try json.print(["organisation": view], human: OrganisationView.table([view]))
        }
    }
}
