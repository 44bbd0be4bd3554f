import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// How a verb reaches its store.
protocol StoreAccess {
    /// The store as the user named it.
    var store: String? { get }
    /// Persons' shares of split meeting keys.
    var share: [String] { get }
}

/// Where the store is; part of every verb.
struct StoreOptions: ParsableArguments, StoreAccess {
    struct Fields: ParsableArguments {
        @Option(help: StoreOptions.storeHelp, completion: .file())
        var store: String?

        // Taken everywhere, and shown where a split meeting matters.
        @Option(help: ArgumentHelp(visibility: .hidden), completion: .file())
        var share: [String] = []

        mutating func validate() throws {
            if store?.isEmpty == true { throw ValidationError("--store needs a path.") }
        }
    }

    fileprivate static let storeHelp = ArgumentHelp(
        "The store.", discussion: "Without it $EARMARK_STORE, else a file in the user's data folder.",
        valueName: "path")

    @OptionGroup(title: JSONFlag.groupTitle) var fields: Fields

    var store: String? { fields.store }
    var share: [String] { fields.share }

    fileprivate static var variables: [String: String] {
        let names = [StoreLocation.storeVariable, StoreLocation.keyFileVariable, "XDG_DATA_HOME", "HOME"]
        return names.reduce(into: [:]) { $0[$1] = FilePath.variable($1) }
    }

    /// Every file of the stores at `paths`, and of the one that is meant without `--store`.
    static func files(named paths: [String]) -> [String] {
        ([nil] + paths).flatMap { StoreLocation.resolve(option: $0, environment: variables).files }
    }
}

/// The same for verbs that need meetings' keys.
struct KeyedStoreOptions: ParsableArguments, StoreAccess {
    struct Fields: ParsableArguments {
        @Option(help: StoreOptions.storeHelp, completion: .file())
        var store: String?

        @Option(
            help: ArgumentHelp("A person's share of a split meeting key; may be repeated.", valueName: "file"),
            completion: .file())
        var share: [String] = []

        mutating func validate() throws {
            if store?.isEmpty == true { throw ValidationError("--store needs a path.") }
        }
    }

    @OptionGroup(title: JSONFlag.groupTitle) var fields: Fields

    var store: String? { fields.store }
    var share: [String] { fields.share }
}

extension StoreAccess {
    var location: StoreLocation {
        StoreLocation.resolve(option: store, environment: environment)
    }

    /// The service on the store; what opening it purged is told.
    ///
    /// - Parameter purges: false only for what must see the store as it is.
    func service(purges: Bool = true) throws(StoreError) -> Service {
        let service = try Service(at: location, context: .commandLine(shares: share), purges: purges)
        let purge = service.store.openingPurge
        if !purge.meetings.isEmpty {
            let meetings = Counted.text(purge.meetings.count, "meeting")
            Output.message("earmark: purged \(meetings) whose retention has run out")
        }
        PurgeWords.tell(purge.meetings, bundlesOut: purge.bundlesOut)
        if let failure = purge.failure {
            Output.message(
                "earmark: warning: meetings whose retention has run out are not purged: \(failure.text)")
        }
        return service
    }

    /// Opens the store, which purges the meetings whose retention has run out.
    func open() throws(StoreError) -> Store { try service().store }

    /// Opens the store without purging what is due.
    func openAsItIs() throws(StoreError) -> Store { try service(purges: false).store }

    /// Opens the store if the user named one or the default one exists.
    func openIfPresent() throws(StoreError) -> Store? { try serviceIfPresent()?.store }

    /// The service on the store if the user named one or the default one exists.
    func serviceIfPresent() throws(StoreError) -> Service? {
        let isNamed = location != StoreLocation.resolve(option: nil, environment: unnamedEnvironment)
        return isNamed || FilePath.status(location.store) != nil ? try service() : nil
    }

    private var environment: [String: String] { StoreOptions.variables }

    private var unnamedEnvironment: [String: String] { environment.filter { $0.key != StoreLocation.storeVariable } }
}

/// Which organisation is meant, where a store holds several.
struct OrganisationOption: ParsableArguments {
    struct Fields: ParsableArguments {
        @Option(
            name: .customLong("org"),
            help: ArgumentHelp(
                "The organisation, by name or identifier, or the beginning of one.",
                discussion: "Not needed while the store holds only one.",
                valueName: "org"))
        var reference: String?
    }

    @OptionGroup(title: JSONFlag.groupTitle) var fields: Fields

    /// The organisation chosen in `store`.
    func organisation(in store: Store) throws(StoreError) -> Organisation { try store.organisation(fields.reference) }

    /// The identifier of the organisation chosen in `store`, nil if none was.
    func filter(in store: Store) throws(StoreError) -> OrganisationID? {
        guard fields.reference != nil else { return nil }
        return try organisation(in: store).id
    }
}

/// A switch on the command line.
enum Toggle: String, ExpressibleByArgument, CaseIterable {
    case on, off
}
