public import EarmarkFiles
import Foundation

/// What can be done to a store, as the audit log names it; the raw value is stored.
public enum AuditAction: String, Sendable, CaseIterable {
    case organisationAdd = "organisation-add"
    case settingsChange = "settings-change"
    case meetingCreate = "meeting-create"
    case meetingEdit = "meeting-edit"
    case meetingDelete = "meeting-delete"
    case keyDestroy = "key-destroy"
    case clientsAdd = "clients-add"
    case clientRemove = "client-remove"
    case clientJoin = "client-join"
    case clientLeave = "client-leave"
    case clientMicrophone = "client-microphone"
    case tagsHeard = "tags-heard"
    case ticketsIssue = "tickets-issue"
    case ticketRevoke = "ticket-revoke"
    case analyse
    case analyseUnstored = "analyse-unstored"
    case mark
    case analysisNote = "analysis-note"
    case analysisDelete = "analysis-delete"
    case view
    case export
    case report
    case hold
    case release
    case purge
    case backup
    case restore
    case accept
    case keyBackup = "key-backup"
    case keyRestore = "key-restore"
    case keyRotate = "key-rotate"
    case commit
    case anchorFail = "anchor-fail"
    case anchorResume = "anchor-resume"
    case clockAhead = "clock-ahead"
    case clockConfirm = "clock-confirm"
    case bundleCreate = "bundle-create"
    case bundleRevoke = "bundle-revoke"
    case runImport = "run-import"
}

/// Something that is done to the store, to be logged.
public struct AuditEvent: Sendable {
    /// What is done.
    public let action: AuditAction
    /// The meeting that it concerns; the details go when the meeting does.
    public let meetingID: MeetingID?
    /// What else is to be known, by name.
    public let details: [String: String]

    /// Bundles the parts.
    public init(_ action: AuditAction, meeting meetingID: MeetingID? = nil, _ details: [String: String] = [:]) {
        self.action = action
        self.meetingID = meetingID
        self.details = details
    }
}

/// An entry of the audit log.
public struct AuditEntry: Sendable, Equatable {
    /// Place in the log, from 1.
    public let position: Int64
    /// Random identifier, `e_` and 16 characters.
    public let id: String
    /// When.
    public let at: Timestamp
    /// What, by the raw value of `AuditAction`; later versions may have others.
    public let action: String
    /// The entry's link of the chain, 64 hexadecimal digits.
    public let hash: String
    /// Who did it, to what; nil once purged.
    public let details: [String: String]?
}

/// What checking the audit log found.
public struct AuditVerification: Sendable, Equatable {
    /// Entries.
    public var count: Int64 = 0
    /// Link of the last entry, 64 hexadecimal digits; 64 zeros for an empty log.
    public var head = String(repeating: "0", count: 64)
    /// Entries whose details were purged.
    public var purgedDetails = 0
    /// What is wrong, in sentences; empty if nothing is.
    public var problems: [String] = []
    /// What is not wrong and should be known, in sentences.
    public var remarks: [String] = []
    /// Whether all that is wrong is that anchors that are set could not be read, so that nothing was compared.
    public var isOnlyUncompared = false
    /// Lines of anchors that the log was compared with.
    public var anchored = 0
}

/// Who acts on a store, as the audit log names it.
public struct AuditActor: Sendable, Equatable {
    /// Name of the person or service.
    public var name: String
    /// The host that the request came from; nil if it is not known.
    public var host: String?

    /// Bundles the parts.
    public init(name: String, host: String? = nil) {
        self.name = name
        self.host = host
    }

    /// The user whom this process runs as, on this host.
    public static var processUser: AuditActor {
        AuditActor(name: NSUserName(), host: ProcessInfo.processInfo.hostName)
    }
}
