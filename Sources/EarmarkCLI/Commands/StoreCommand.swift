import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark store`.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Back up, restore, check and measure the store.",
        subcommands: [Backup.self, Restore.self, Check.self, Metrics.self])

    /// The command `earmark store backup`.
    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the database to a new file while others use it.",
            discussion: """
                The key file is not part of it; 'earmark key backup' copies that. Without the keys a backup names \
                people and meetings, and marks nothing.

                  earmark store backup /backup/earmark-2026-03-02.db
                """)

        @Argument(help: ArgumentHelp("File to create, with mode 0600.", valueName: "file"))
        var file: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            try storeOptions.open().backup(to: file)
            try json.print(["written": file], human: "written to \(file)")
        }
    }

    /// The command `earmark store restore`.
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace the database's content by that of a backup.",
            discussion: """
                What came since is lost, but for the audit log, legal holds with all they keep, and revocations. \
                Meetings that were purged since stay purged: the key file remembers them. Where the database itself \
                is gone, copy the backup to its place instead, and say so with 'earmark audit accept'. Without --yes \
                it only says what would go.

                  earmark store restore /backup/earmark-2026-03-02.db
                  earmark store restore /backup/earmark-2026-03-02.db --yes
                """)

        @Argument(help: ArgumentHelp("The backup.", valueName: "file"), completion: .file())
        var file: String

        @Option(help: ArgumentHelp("The key file as it was then, after 'key rotate'.", valueName: "file"))
        var keyCopy: String?

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            if !confirmation.isGiven {
                let loss = try store.loss(fromRestoring: file)
                try confirmation.require(
                    "the store's content would be replaced by that of '\(file)', and be lost: \(loss.text)")
            }
            let result = try store.restore(from: file, keyCopy: keyCopy)
            result.warn()
            let check = try store.check()
            for problem in check.problems { Output.message("earmark: warning: \(problem)") }
            try json.print(
                ["restored": file, "purged": result.meetings, "problems": check.problems],
                human: "restored from \(file); \(Counted.text(result.meetings.count, "meeting")) purged since "
                    + "left out")
        }
    }

    /// The command `earmark store check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for damage, and for meetings whose key does not open.",
            discussion: """
                The exit status is 0 if all is well, 78 otherwise.

                  earmark store check
                """)

        @OptionGroup var progress: ProgressOption
        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let checking = progress.start("checking", total: nil, unit: "records")
            let check = try storeOptions.openAsItIs().check { checking.update($0, of: $1) }
            checking.finish()
            let lines = check.problems + check.remarks
            let verdict = check.problems.isEmpty ? "the store is well" : "the store is not well"
            try json.print(
                ["problems": check.problems, "remarks": check.remarks, "meetings": check.meetingCount],
                human: (lines + [
                    "\(verdict); "
                        + "the keys of \(Counted.text(check.meetingCount, "meeting")) open"
                ]).joined(separator: "\n")
            )
            if !check.problems.isEmpty { throw ExitCode(ExitStatus.configuration.rawValue) }
        }
    }
}

/// The command `earmark key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Back up, restore and rotate keys.",
        subcommands: [Backup.self, Restore.self, Rotate.self])

    /// The command `earmark key backup`.
    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the key file to a new file.",
            discussion: """
                A copy can undo purges: whoever has it and an old backup of the database can open the keys of meetings \
                that were purged since. Keep it apart from the database's backups, and destroy it when the first of \
                its meetings is due.

                  earmark key backup /safe/earmark-2026-03-02.key
                """)

        @Argument(help: ArgumentHelp("File to create, with mode 0600.", valueName: "file"))
        var file: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            try storeOptions.open().backupKeys(to: file)
            try json.print(["written": file], human: "written to \(file)")
        }
    }

    /// The command `earmark key restore`.
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take keys that are missing from a copy of the key file.",
            discussion: """
                Keys that are there stay as they are, and keys of purged meetings stay destroyed.

                  earmark key restore /safe/earmark-2026-03-02.key
                """)

        @Argument(help: ArgumentHelp("The copy.", valueName: "file"), completion: .file())
        var file: String

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let count = try storeOptions.openAsItIs().restoreKeys(from: file)
            try json.print(["restored": count], human: "\(Counted.text(count, "key")) came back")
        }
    }

    /// The command `earmark key rotate`.
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the organisation a new key and seal its meetings under it.",
            discussion: """
                Copies of the old key file then open nothing in this database. Backups of the database from before \
                need a copy of the key file from before: make new backups and let the old pairs go. Marks and tickets \
                stay as they are.

                  earmark key rotate
                """)

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let count = try store.rotateKey(of: try organisationOption.organisation(in: store).id)
            try json.print(["sealed": count], human: "\(Counted.text(count, "meeting")) sealed under a new key")
        }
    }
}
