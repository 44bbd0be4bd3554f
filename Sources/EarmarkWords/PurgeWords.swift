import EarmarkConsole
package import EarmarkFiles
import EarmarkLog

/// What is told of meetings that were purged, by whatever command.
package enum PurgeWords {
    /// Says what was purged to the log, and which bundles carry on some of it to the user.
    package static func tell(_ meetings: [MeetingID], bundlesOut: [BundleID]) {
        ProcessLog.events.purged(meetings, bundles: bundlesOut)
        for bundle in bundlesOut {
            Output.message(
                "earmark: warning: bundle '\(bundle)' holds seeds of what was purged and has not expired: whoever has "
                    + "it with its key keeps them")
        }
    }
}
