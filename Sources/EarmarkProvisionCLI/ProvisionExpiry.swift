import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

/// The command `earmark provision expiry`.
struct ProvisionExpiry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expiry", abstract: "Find certificates that end soon.",
        discussion: """
            Looks at the certificates in files (PEM or DER), in folders (*.pem, *.crt, *.cer, *.der and the like) and \
            in the bundles of a list of devices (*.csv). Ends with status 45 if one ends within the days given or has \
            ended, with 44 if something cannot be read or holds no certificate, and with 0 otherwise, for monitoring. \
            --prometheus prints metrics for a text file collector.

              earmark provision expiry certificates --days 30
              earmark provision expiry devices.csv --prometheus > earmark.prom
            """)

    @Argument(
        help: ArgumentHelp("Files, folders or lists of devices.", valueName: "path"), completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("How soon is soon.", valueName: "days"))
    var days = IdentityBundle.defaultWarningDays

    @Option(help: ArgumentHelp("Judge as of this time; now by default.", valueName: "time"))
    var at: TimeArgument?

    @Flag(help: "Leave authorities out.")
    var leavesOnly = false

    @Flag(help: "Print in the text format of Prometheus.")
    var prometheus = false

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if days < 0 { throw ValidationError("--days takes 0 or more.") }
        if prometheus, json.isOn { throw ValidationError("Give --prometheus or --json, not both.") }
    }

    func run() throws {
        HostProcess.forbidDumps()
        let date = at.map { Date(timeIntervalSince1970: Double($0.time.seconds)) } ?? Date()
        let survey = ExpirySurvey(paths, at: date, days: days, leavesOnly: leavesOnly)
        let rows = survey.certificates
        for (file, reason) in survey.unreadable { Output.error("'\(file)': \(reason)") }
        if json.isOn {
            try Output.json(["certificates": rows])
        } else {
            try Output.result(prometheus ? survey.prometheus : survey.human)
        }
        let soon = rows.count { $0.state != "ok" }
        if soon > 0 {
            let (end, have) = soon == 1 ? ("ends", "has") : ("end", "have")
            Output.error("\(soon) of \(rows.count) certificates \(end) within \(days) days or \(have) ended")
            throw ExitCode(ExitStatus.certificateExpiring.rawValue)
        }
        if !survey.unreadable.isEmpty { throw ExitCode(ExitStatus.certificateRefused.rawValue) }
    }
}
