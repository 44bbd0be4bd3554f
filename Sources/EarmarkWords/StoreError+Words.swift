package import EarmarkConsole
package import EarmarkStore

extension StoreError: ReportableError {
    /// The message, and the options or verbs that help.
    package var text: String { message + (advice?.text ?? "") }

    package var exitStatus: ExitStatus {
        switch code {
        case .meetingForeign: .meetingForeign
        case .meetingExpired: .meetingExpired
        case .watermarkingOff: .watermarkingOff
        case .clientCannotCarryMark: .clientCannotCarryMark
        case .valueInvalid, .rosterInvalid, .ambiguousClient, .ambiguousOrganisation, .ambiguousMeeting,
            .ambiguousAnalysis, .presenceOutOfOrder:
            .invalidInput
        case .unknownOrganisation, .unknownMeeting, .unknownClient, .unknownTicket, .unknownAnalysis,
            .unknownBundle:
            .unknown
        case .storeExists, .duplicate, .held, .committed, .ticketsIssued: .exists
        case .inputOutput, .storeFull: .inputOutput
        case .storeBusy: .busy
        case .sharesMissing: .configuration
        case .keyFileExposed: .exposed
        case .storeMissing, .storeInvalid, .storeTooNew, .keyFileMissing, .keyFileInvalid, .keyFileMismatch,
            .organisationKeyMissing, .meetingKeyMissing, .sealBroken, .rowsAltered, .keyRotated,
            .clockAhead:
            .configuration
        }
    }
}

extension StoreError.Advice {
    /// The advice as it follows a message.
    fileprivate var text: String {
        switch self {
        case .createStore: "; create one with 'earmark init --org NAME'"
        case .chooseOrganisation: "; choose one with --org"
        case .listOrganisations: "; see 'earmark org list'"
        case .addDomain:
            "; 'earmark org domain add DOMAIN' registers one, 'earmark meeting edit --host' corrects the host"
        case .listMeetings: "; see 'earmark meeting list'"
        case .listClients: "; see 'earmark client list'"
        case .listAnalyses: "; see 'earmark analysis list'"
        case .listBundles: "; see 'earmark bundle list'"
        case .listHolds: "; see 'earmark retention status'"
        case .giveKeyCopy: "; give the copy of the key file of that time with --key-copy FILE"
        case .restoreBackup: "; restore a backup with 'earmark store restore FILE'"
        case .acceptHead:
            "; restore the latest backup with 'earmark store restore FILE', or, if it is known how this came about, go "
                + "on with 'earmark audit accept'"
        case .confirmClock: ": 'earmark retention clock --confirm'"
        case .giveAuthority: " (--ca FILE)"
        case .holdMeeting: "; to keep and analyse it all the same, put it on hold with --hold REASON"
        case .giveShares: ": name both persons' shares with --share FILE --share FILE"
        }
    }
}
