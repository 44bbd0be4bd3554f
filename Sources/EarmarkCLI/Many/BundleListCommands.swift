import ArgumentParser
import EarmarkBundle
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

extension BundleCommand {
    /// The command `earmark bundle list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the bundles that were given out, latest first.",
            discussion: """
                Those that are 'out' can be opened by whoever has them with their keys; a purge of their meetings does \
                not change that, only that results are taken.

                  earmark bundle list
                """)

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let service = try storeOptions.service()
            let organisation = try organisationOption.filter(in: service.store)
            let now = service.context.clock()
            let views = try service.store.bundles(in: organisation).map { IssuedBundleView($0, at: now) }
            var table = Table("BUNDLE", "STATE", "MEETINGS", "CREATED", "EXPIRES", "RECIPIENT")
            for view in views {
                table.add(
                    view.id, view.state, view.meetings.count == 1 ? view.meetings[0] : String(view.meetings.count),
                    view.created, view.expires, view.recipient)
            }
            try json.print(["bundles": views], human: views.isEmpty ? "no bundle was given out" : table.text)
        }
    }

    /// The command `earmark bundle revoke`.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no more results from a bundle's workers: it, or its key, was lost.",
            discussion: "  earmark bundle revoke latest")

        @Argument(
            help: ArgumentHelp(
                "The bundle's identifier, the beginning of that, 'latest', or its file.", valueName: "bundle"),
            completion: .file())
        var bundle: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let service = try storeOptions.service()
            let isFile = FilePath.status(bundle) != nil
            let id =
                try isFile ? SealedBundle(path: bundle).header.bundle : service.store.bundleID(named: bundle)
            let revoked = try service.store.revokeBundle(id)
            try json.print(
                ["bundle": IssuedBundleView(revoked, at: service.context.clock())],
                human: "results of bundle '\(revoked.id)' are not taken any more")
        }
    }

    /// The command `earmark bundle validity`.
    struct Validity: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say or set for how long workers take bundles that are made from now on.",
            discussion: "  earmark bundle validity 24h")

        @Argument(help: ArgumentHelp("A minute to a year, such as 72h.", valueName: "duration"))
        var time: DurationArgument?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            if let time { try store.setBundleSeconds(time.seconds) }
            let seconds = try store.bundleSeconds()
            try json.print(
                ["bundleSeconds": seconds], human: "bundles are valid for \(DurationText.text(seconds))")
        }
    }
}

extension BundleError: ReportableError {
    var text: String { message }

    var exitStatus: ExitStatus {
        switch code {
        case .malformed, .wrongKey, .keyInvalid, .nothingHeld: .invalidInput
        case .meetingUnnamed: .usage
        case .tooNew: .configuration
        case .keyExposed: .exposed
        case .expired, .notYetValid: .meetingExpired
        case .missing: .unknown
        case .inputOutput: .inputOutput
        case .exists: .exists
        }
    }
}
