/// What the first row of a roster calls its columns.
enum RosterTitles {
    /// Titles as other lists and languages have them, as they are compared: they are refused with what to write, since
    /// a list may have another column that is meant.
    private static let others: [Roster.Column: [String]] = [
        .participant: [
            "name", "fullname", "displayname", "attendee", "invitee", "user", "person", "teilnehmer", "teilnehmerin",
            "nom", "participante", "nombre", "nome", "partecipante", "参加者", "名前", "氏名",
        ],
        .email: [
            "mail", "emailaddress", "mailaddress", "useremail", "emailadresse", "mailadresse", "courriel",
            "adressemail", "correo", "correoelectrónico", "メール", "メールアドレス",
        ],
        .device: [
            "devicename", "endpoint", "hardware", "gerät", "appareil", "dispositivo", "デバイス", "端末", "機器",
        ],
        .kind: ["type", "devicetype", "art", "typ", "gerätetyp", "tipo", "種類"],
        .microphone: ["mic", "mikrofon", "microfono", "micrófono", "マイク"],
    ]

    /// The form under which titles are compared: `E-Mail` is `email`.
    private static func compared(_ title: String) -> String {
        String(FieldRules.folded(title).filter { $0.isLetter || $0.isNumber })
    }

    /// Whether there is nothing in a cell.
    static func isBlank(_ field: String) -> Bool { FieldRules.trimmed(field).isEmpty }

    /// The column that has this title.
    static func column(_ title: String) -> Roster.Column? { Roster.Column(rawValue: compared(title)) }

    /// What is wrong with a title that no column has; `form`: what a roster looks like.
    static func problem(_ title: String, form: String) -> String {
        let known = Roster.Column.allCases.map(\.rawValue).joined(separator: ", ")
        let meant = others.first { $0.value.contains(compared(title)) }?.key
        let advice = meant.map { "if it is meant as \($0.rawValue), call it so" } ?? form
        return "'\(title)' is none of \(known); \(advice)"
    }
}
