import Foundation

/// A report in HTML as its reader sees it.
struct ReportPage {
    /// The page as it was written.
    let html: String

    /// A page that was written before.
    init(html: String) { self.html = html }

    /// Has the report of the analysis `id` made in `place`.
    init(of id: String, in place: Workplace) throws {
        let name = "report-\(id).html"
        try place.succeed("report", id, "-o", name)
        html = try place.text(of: name)
    }

    /// Titles of the sections, in their order.
    var titles: [String] { ReportPage.between("<h2>", "</h2>", html).map(ReportPage.plain) }

    /// The section with this title.
    func section(_ title: String) -> String {
        let all = ReportPage.between("<section>\n<h2>", "</section>", html)
        return all.first { ReportPage.plain($0).hasPrefix(title + "\n") } ?? ""
    }

    /// What stands beside `name` in a section, as it is read; nil if there is no such row.
    func value(_ name: String, in title: String) -> String? {
        let pair = ReportPage.between("<dt>", "</dd>", section(title)).map { $0.components(separatedBy: "</dt><dd>") }
        return pair.first { ReportPage.plain($0[0]) == name }.map { ReportPage.plain($0[1]) }
    }

    /// Cells of the table in a section.
    func rows(in title: String) -> [[String]] {
        ReportPage.between("<tr>", "</tr>", section(title)).dropFirst().map {
            ReportPage.between("<td>", "</td>", $0).map(ReportPage.plain)
        }
    }

    /// The list in a section.
    func items(in title: String) -> [String] {
        ReportPage.between("<li>", "</li>", section(title)).map(ReportPage.plain)
    }

    /// All sentences, without markup.
    var text: String { ReportPage.plain(ReportPage.between("<body>", "</body>", html).first ?? "") }

    /// Label, answer and explanation of the verdict.
    var verdict: [String] {
        let box = ReportPage.between("<div class=\"verdict", "</div>", html).first ?? ""
        return ReportPage.between("<p", "</p>", box).map { text in
            ReportPage.plain(String(text.drop { $0 != ">" }.dropFirst()))
        }
    }

    /// All that stands between two marks.
    static func between(_ start: String, _ end: String, _ text: String) -> [String] {
        text.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
    }

    /// What is read where `html` is shown: powers as `10^−9`.
    static func plain(_ html: String) -> String {
        var text = html.replacingOccurrences(of: "<sup>", with: "^")
        text = text.replacingOccurrences(of: "<[^>]*>", with: "", options: .regularExpression)
        let names = [
            "minus": "−", "plusmn": "±", "ndash": "–", "ldquo": "“", "rdquo": "”", "rsquo": "’", "lt": "<", "gt": ">",
            "quot": "\"", "#39": "'",
        ]
        for (name, character) in names { text = text.replacingOccurrences(of: "&\(name);", with: character) }
        return text.replacingOccurrences(of: "&amp;", with: "&")
    }
}
