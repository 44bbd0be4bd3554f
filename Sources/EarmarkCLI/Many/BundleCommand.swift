import ArgumentParser
import EarmarkBundle
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

/// The command `earmark bundle`.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Seal what workers need to analyse recordings, and nothing more.",
        discussion: """
            A bundle is one file that is only read: seeds, client identifiers, limits and the bound of some meetings, \
            and a key that signs results. It holds no name, no meeting's key, and neither the store's signing key nor \
            that of its log. It is sealed to the key of the job that uses it, and expires. Whoever has copied bundle \
            and key keeps the seeds: 'bundle list' says what is out, and 'bundle revoke' ends that results are taken.

              earmark bundle create --meeting Board -o case.bundle
              earmark work --bundle case.bundle --key case.bundle.key leak.mp4
            """,
        subcommands: [Create.self, Keygen.self, Show.self, Verify.self, List.self, Revoke.self, Validity.self])

    /// The command `earmark bundle create`.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal a bundle of meetings.",
            discussion: """
                Without --to a fresh key goes to FILE.key, mode 0600: give it to the job as a secret, apart from the \
                bundle. Workers refuse the bundle once its time has run out ('bundle validity', 72 hours unless that \
                says otherwise), or the retention of one of its meetings.

                  earmark bundle create --meeting Board -o case.bundle
                  earmark bundle create --any-meeting --since 2026-03-01T00:00Z --to job.pub \\
                    -o month.bundle
                """)

        @Option(
            name: .shortAndLong,
            help: "A meeting whose recordings are to be analysed: title, identifier or 'latest'; may be repeated.",
            completion: Named.meetings)
        var meeting: [String] = []

        @Flag(help: "All meetings of the organisation, for recordings whose meeting is not known.")
        var anyMeeting = false

        @Option(help: ArgumentHelp("With --any-meeting, only meetings that ended after this.", valueName: "time"))
        var since: TimeArgument?

        @Option(help: ArgumentHelp("With --any-meeting, only meetings that began before this.", valueName: "time"))
        var until: TimeArgument?

        @Option(help: ArgumentHelp("The public key to seal to, or a file with it.", valueName: "public"))
        var to: String?

        @Option(help: ArgumentHelp("For how long workers take it, such as 24h.", valueName: "duration"))
        var validFor: DurationArgument?

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, mode 0600.", valueName: "file"))
        var output: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            guard meeting.isEmpty == anyMeeting else {
                throw ValidationError("Name meetings with --meeting, or take all with --any-meeting.")
            }
            guard anyMeeting || (since == nil && until == nil) else {
                throw ValidationError("--since and --until need --any-meeting.")
            }
        }

        func run() throws {
            let keyPath = output + ".key"
            for path in [output] + (to == nil ? [keyPath] : []) where PrivateFile.exists(path) {
                throw CommandError(.exists, "'\(path)' exists already and is not overwritten")
            }
            let service = try storeOptions.service()
            let key = to == nil ? BundleKey() : nil
            let recipient = try to.map { try BundleRecipient(textOrPath: $0) } ?? (key ?? BundleKey()).recipient
            let organisation = try organisationOption.filter(in: service.store)
            let scope: BundleScope =
                anyMeeting
                ? .search(
                    SearchRange(
                        organisation: try organisationOption.organisation(in: service.store), since: since?.time,
                        until: until?.time))
                : .meetings(
                    try meeting.map { name in try service.store.meetingID(named: name, in: organisation) })
            let (bundle, issued) = try service.makeBundle(scope, to: recipient, validFor: validFor?.seconds)
            try service.giveOut(bundle, to: output, key: key, keyPath: keyPath)
            let keyText = key == nil ? "" : "; its key is '\(keyPath)'"
            try json.print(
                ["bundle": IssuedBundleView(issued, at: service.context.clock())],
                human: "\(issued.id) with \(Counted.text(issued.meetings.count, "meeting")), valid until "
                    + issued.expiresAt.text + keyText)
        }
    }

    /// The command `earmark bundle keygen`.
    struct Keygen: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key that bundles can be sealed to.",
            discussion: """
                The private key goes to FILE, mode 0600; the public one is printed, for 'bundle create --to'.

                  earmark bundle keygen -o job.key > job.pub
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, mode 0600.", valueName: "file"))
        var output: String

        @OptionGroup var json: JSONFlag

        func run() throws {
            let key = BundleKey()
            try key.create(output)
            try json.print(
                ["recipient": key.recipient.text, "fingerprint": key.recipient.fingerprint],
                human: key.recipient.text)
        }
    }

    /// The command `earmark bundle show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what anybody can read of a bundle; with its key, which meetings it holds.",
            discussion: "  earmark bundle show case.bundle")

        @Argument(help: ArgumentHelp("The bundle.", valueName: "file"), completion: .file())
        var bundle: String

        @Option(help: ArgumentHelp("The key that it is sealed to.", valueName: "file"), completion: .file())
        var key: String?

        @OptionGroup var json: JSONFlag

        func run() throws {
            let bundle = try SealedBundle(path: bundle)
            let open = try key.map { try bundle.opened(with: try BundleKey(path: $0)) }
            let view = BundleView(bundle, open)
            try json.print(["bundle": view], human: view.text)
        }
    }

    /// The command `earmark bundle verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that a bundle is whole and holds, and by the store that nothing speaks against it.",
            discussion: """
                Exit status 65 for a damaged one or a wrong key, 11 for one that expired, was revoked, or has meetings \
                that were purged. Where there is no store, that cannot be asked; and with neither store nor key \
                nothing shows that what the bundle says of itself was not changed.

                  earmark bundle verify case.bundle --key case.bundle.key
                """)

        @Argument(help: ArgumentHelp("The bundle.", valueName: "file"), completion: .file())
        var bundle: String

        @Option(help: ArgumentHelp("The key that it is sealed to.", valueName: "file"), completion: .file())
        var key: String?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let bundle = try SealedBundle(path: bundle)
            let open = try key.map { try bundle.opened(with: try BundleKey(path: $0)) }
            let context = ServiceContext.commandLine()
            try bundle.header.requireValid(at: context.clock())
            let problems = try storeOptions.serviceIfPresent()?.problems(with: bundle)
            if let problems, !problems.isEmpty {
                throw CommandError(
                    .meetingExpired, "bundle '\(bundle.header.bundle)': \(problems.joined(separator: "; "))")
            }
            let view = BundleView(bundle, open)
            try json.print(
                ["bundle": view, "opened": open != nil, "storeAsked": problems != nil],
                human: view.verified(isOpened: open != nil, isStoreAsked: problems != nil))
        }
    }
}
