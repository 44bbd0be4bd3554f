import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// Tickets of a meeting that began 100 s before the tests did.
enum TestTickets {
    static let start = Int64(Date().timeIntervalSince1970) - 100

    /// Valid as issued tickets are: a quarter of an hour before the start until a day after it.
    static func ticket(client: Int, start: Int64 = TestTickets.start) throws -> Ticket {
        try Ticket(
            id: .init(repeating: UInt8(client), count: 16), meetingID: "m_board", clientID: "c_client-\(client)",
            meetingStart: start, notBefore: start - 900, notAfter: start + 86_400,
            seeds: TestKeys.mark(client: client))
    }

    /// Identifier of the ticket of client 1 and of client 2: base32 of sixteen bytes 1, or 2, by RFC 4648.
    static let names = ["t_aeaqcaibaeaqcaibaeaqcaibae", "t_aibaeaqcaibaeaqcaibaeaqcai"]

    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

/// The environment that plugins read.
///
/// It grows once, at first use, and later only its values change: other tests may read theirs meanwhile.
struct PluginPlace {
    static let shared = Result { try PluginPlace() }
    let folder: ScratchFolder

    private init() throws {
        folder = try ScratchFolder.shared.get()
        for client in 1...3 {
            try TestTickets.write(
                TestTickets.ticket(client: client).serialized(), to: folder.file("\(client).ticket"))
        }
        for number in [9_998, 9_999] {
            let client = number - 9_990
            try TestTickets.write(
                TestTickets.ticket(client: client).serialized(), to: folder.file("\(number).ticket"))
        }
        try TestTickets.write(Array("\(TestTickets.names[0])\n".utf8), to: folder.file("first.txt"))
        try TestTickets.write(Array("# nobody\n".utf8), to: folder.file("nobody.txt"))
        try TestTickets.write(Array("everybody!\n".utf8), to: folder.file("damaged.txt"))
        try TestTickets.write(
            TestTickets.ticket(client: 1).serialized().map { $0 ^ ($0 == 0x1A ? 1 : 0) },
            to: folder.file("damaged.ticket"))
        let old = try TestTickets.ticket(client: 1, start: 1_000_000_000)
        try TestTickets.write(old.serialized(), to: folder.file("old.ticket"))
        set()
    }

    /// Names the ticket, the folder of slots and the revocation list, or none of them: an empty value counts as none.
    func set(ticket: String? = "1.ticket", slots: Bool = true, revocations: String? = nil) {
        setenv("EARMARK_TICKET", ticket.map { folder.file($0) } ?? "", 1)
        setenv("EARMARK_TICKET_DIR", slots ? folder.path : "", 1)
        setenv("EARMARK_REVOCATIONS", revocations.map { folder.file($0) } ?? "", 1)
    }
}

/// What depends on the environment runs one after another.
@Suite(.serialized) struct PluginTests {}
