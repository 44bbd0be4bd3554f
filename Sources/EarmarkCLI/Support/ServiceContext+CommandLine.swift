import EarmarkConsole
import EarmarkService
import EarmarkWords

extension ServiceContext {
    /// What the command line gives a service: confined decoders, the user who runs it, and its own words.
    static func commandLine(shares: [String] = []) -> ServiceContext {
        ServiceContext(
            decoder: Earmark.decoders, shares: shares, word: words,
            warn: { Output.message("earmark: warning: \($0)") })
    }

    /// Hints that name options.
    private static func words(_ hint: Hint) -> String? {
        switch hint {
        case .otherMeetings:
            "The recording may be of another meeting: --any-meeting instead of --meeting searches all that the "
                + "organisation still holds."
        }
    }
}
