import Foundation
import ProgramSupport

/// A store that the program made, for tests of what is kept in it.
struct StorePlace {
    let place: Workplace

    /// A full hour, at least one and less than two hours ago, Unix seconds.
    static let start = Int(Date().timeIntervalSince1970) / 3_600 * 3_600 - 3_600
    static let day = 86_400

    static let roster = """
        participant,email,device,kind
        Dario Demir,dario@example.org,browser,web
        Ada Abbott,ada@example.org,laptop,desktop
        Ada Abbott,ADA@example.org,phone,mobile
        Bela Berger,bela@example.org,13 inch,desktop

        """

    /// A store with the organisation Example Ltd; the arguments go to `init`.
    init(_ arguments: String...) throws {
        place = try Workplace()
        try place.write(Self.roster, to: "roster.csv")
        try place.succeed(["init", "--org", "Example Ltd"] + arguments)
    }

    /// Enrols a meeting with the roster above; its identifier.
    func enrol(start: Int = Self.start, _ arguments: String...) throws -> String {
        let created = try place.json(
            ["meeting", "create", "--title", "Board", "--start", Board.time(start), "--roster", "roster.csv"]
                + arguments)
        return created["meeting"]["id"].string ?? ""
    }

    /// Identifiers of a meeting's clients, in the roster's order.
    func clients(of meeting: String) throws -> [String] {
        try place.json("client", "list", "--meeting", meeting)["clients"].array.compactMap { $0["id"].string }
    }

    /// Exit status of the program.
    func status(_ arguments: String...) throws -> Int32 { try place.run(arguments).exitStatus }

    /// The cells of a table for people, without its titles.
    static func rows(_ table: String) -> [[String]] {
        table.split(separator: "\n").dropFirst().map(cells)
    }

    /// The cells of one line, two spaces or more apart.
    static func cells(_ line: some StringProtocol) -> [String] {
        String(line).split(separator: /\ {2,}/).map { String($0) }
    }

    /// What a list of `name  value` says, by name.
    static func values(_ list: String) -> [String: String] {
        let pairs = list.split(separator: "\n").map(cells).filter { $0.count == 2 }.map { ($0[0], $0[1]) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Which of these texts any file of the folder's store holds, as raw bytes.
    func found(_ texts: [String]) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
            .filter { $0.hasPrefix("store.db") }
        let files = try names.map { try Data(contentsOf: URL(fileURLWithPath: place.file($0))) }
        return texts.filter { text in files.contains { $0.range(of: Data(text.utf8)) != nil } }
    }
}
