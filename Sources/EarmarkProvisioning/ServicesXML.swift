/// Reads the XML of `Services Show`: elements, attributes, character data and the five entities that XML has.
///
/// Not a reader of all XML: what such a list has no use for (document types, processing beyond the first line,
/// namespaces) is refused or passed over, so that no entity expands and nothing is fetched.
struct ServicesXML {
    /// Elements within each other that are read; the list has four.
    private static let maximumDepth = 32

    private let text: [Character]
    private var position = 0
    private var path: [Element] = []
    private var rows: [ServicesList.Row] = []
    private var hasResult = false

    private struct Element {
        let name: String
        let item: String?
        var content = ""
    }

    /// The fields of all `Details` in `document`.
    static func rows(_ document: String) throws(ProvisioningError) -> [ServicesList.Row] {
        var reader = ServicesXML(text: Array(document))
        try reader.read()
        guard reader.hasResult else { throw ServicesList.unreadable("it has no element 'ServicesShowResult'") }
        return reader.rows
    }

    private init(text: [Character]) { self.text = text }

    private mutating func read() throws(ProvisioningError) {
        while position < text.count {
            guard text[position] == "<" else {
                try characters()
                continue
            }
            if starts("<?") {
                try skip(past: "?>")
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<!") {
                throw ServicesList.unreadable("document types and the like are not read")
            } else if starts("</") {
                try close()
            } else {
                try open()
            }
        }
        guard path.isEmpty else {
            throw ServicesList.unreadable("the element '\(path[path.count - 1].name)' has no end")
        }
    }

    private mutating func open() throws(ProvisioningError) {
        position += 1
        let name = try self.name()
        var item: String?
        while true {
            skipSpace()
            if take("/") {
                guard take(">") else { throw ServicesList.unreadable("a tag is malformed") }
                try push(Element(name: name, item: item))
                return try pop()
            }
            if take(">") { return try push(Element(name: name, item: item)) }
            let attribute = try self.name()
            skipSpace()
            guard take("=") else { throw ServicesList.unreadable("an attribute has no value") }
            skipSpace()
            let value = try quoted()
            if attribute == "item" { item = value }
            if name.hasSuffix("ShowResult"), attribute == "status", value.lowercased() != "ok" {
                throw ServicesList.unreadable("the device reports the status '\(DisplayText.escaped(value))'")
            }
        }
    }

    private mutating func push(_ element: Element) throws(ProvisioningError) {
        guard path.count < ServicesXML.maximumDepth else { throw ServicesList.unreadable("it is nested too deeply") }
        if element.name == "ServicesShowResult" { hasResult = true }
        path.append(element)
    }

    private mutating func close() throws(ProvisioningError) {
        position += 2
        let name = try self.name()
        skipSpace()
        guard take(">"), path.last?.name == name else {
            throw ServicesList.unreadable("the tag '/\(DisplayText.escaped(name))' closes nothing")
        }
        try pop()
    }

    private mutating func pop() throws(ProvisioningError) {
        guard let element = path.popLast() else { return }
        guard let parent = path.last, parent.name == "Details", path.dropLast().last?.name == "ServicesShowResult"
        else {
            return
        }
        guard rows.count < ServicesList.maximumRowCount else { throw ServicesList.unreadable("it is too long") }
        let item = parent.item ?? ""
        guard !item.isEmpty, item.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw ServicesList.unreadable("an entry has no number")
        }
        rows.append(ServicesList.Row(item: item, name: element.name, value: element.content))
    }

    private mutating func characters() throws(ProvisioningError) {
        var content = ""
        while position < text.count, text[position] != "<" { content.append(try character()) }
        if path.isEmpty {
            guard content.allSatisfy({ $0.isWhitespace || $0 == "\u{FEFF}" }) else {
                throw ServicesList.unreadable("there is text outside of all elements")
            }
        } else {
            path[path.count - 1].content += content
        }
    }

    /// A character, or the one that an entity stands for.
    private mutating func character() throws(ProvisioningError) -> Character {
        let first = text[position]
        position += 1
        guard first == "&" else { return first }
        var name = ""
        // The longest is a number of a code point.
        while position < text.count, text[position] != ";", name.count < 10 {
            name.append(text[position])
            position += 1
        }
        guard take(";") else { throw ServicesList.unreadable("an entity has no end") }
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
            guard name.hasPrefix("#"), let value = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10),
                let scalar = Unicode.Scalar(value)
            else { throw ServicesList.unreadable("it has an unknown entity") }
            return Character(scalar)
        }
    }

    private mutating func name() throws(ProvisioningError) -> String {
        let start = position
        while position < text.count,
            text[position].isLetter || text[position].isNumber || "_-.:".contains(text[position])
        {
            position += 1
        }
        guard position > start else { throw ServicesList.unreadable("a tag has no name") }
        return String(text[start..<position])
    }

    private mutating func quoted() throws(ProvisioningError) -> String {
        guard position < text.count, text[position] == "\"" || text[position] == "'" else {
            throw ServicesList.unreadable("an attribute's value has no quotes")
        }
        let quote = text[position]
        position += 1
        var value = ""
        while position < text.count, text[position] != quote { value.append(try character()) }
        guard take(quote) else { throw ServicesList.unreadable("an attribute's value has no end") }
        return value
    }

    private mutating func skip(past end: String) throws(ProvisioningError) {
        while position < text.count {
            if starts(end) {
                position += end.count
                return
            }
            position += 1
        }
        throw ServicesList.unreadable("a comment or instruction has no end")
    }

    private mutating func skipSpace() {
        while position < text.count, text[position].isWhitespace { position += 1 }
    }

    private func starts(_ prefix: String) -> Bool { text[position...].starts(with: prefix) }

    private mutating func take(_ character: Character) -> Bool {
        guard position < text.count, text[position] == character else { return false }
        position += 1
        return true
    }
}
