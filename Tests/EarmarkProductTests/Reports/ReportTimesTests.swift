import Foundation
import ProgramSupport
import Testing

/// docs/report.md, "What it says": local time beside UTC; and what those need who cannot see the page or use a mouse.
@Suite struct ReportTimesTests {
    private let place: Workplace
    private let id: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        id = try SampleAnswer().keep(in: place)
    }

    private func page(_ name: String, _ options: String..., environment: [String: String] = [:]) throws -> ReportPage {
        let result = try place.run(["report", id, "-o", name] + options, environment: environment)
        #expect(result.exitStatus == 0, "\(result.errors)")
        return ReportPage(html: try place.text(of: name))
    }

    /// The sample is of 2026-03-01T12:34:56Z.
    @Test func localTimesStandBesideUniversalOnes() throws {
        for (zone, local) in [
            ("Europe/Berlin", "(13:34:56 UTC+01:00)"), ("Asia/Kolkata", "(18:04:56 UTC+05:30)"),
            ("America/St_Johns", "(09:04:56 UTC−03:30)"), ("Pacific/Kiritimati", "(2026-03-02 02:34:56 UTC+14:00)"),
        ] {
            let page = try page("\(zone.dropFirst(8).filter(\.isLetter)).html", "--zone", zone)
            #expect(page.text.contains("examined 2026-03-01 12:34:56 UTC \(local)"), "\(zone)")
            #expect(page.text.contains("Times in brackets are local ones, of the zone \(zone)."))
        }
        let own = try page("own.html", environment: ["TZ": "Europe/Berlin"])
        #expect(own.text.contains("12:34:56 UTC (13:34:56 UTC+01:00)"))
        for zone in ["UTC", "Etc/UTC", "Etc/Zulu"] {
            let name = zone.filter(\.isLetter) + ".html"
            #expect(try page(name, "--zone", zone).text == page("own-" + name).text, "\(zone)")
        }
        let plain = try page("plain.html")
        #expect(!plain.text.contains("UTC (") && !plain.text.contains("Times in brackets"))
        #expect(try place.run("report", id, "-o", "x.html", "--zone", "Nowhere/Else").exitStatus == 64)
    }

    /// Landmarks to jump between, and tables that scroll where the page is narrow can be reached by keyboard.
    @Test func thePageCanBeReadWithoutMouseAndScreen() throws {
        let html = try page("plain.html").html
        for name in ["header", "main", "footer"] {
            #expect(html.components(separatedBy: "<\(name)>").count == 2, "\(name)")
        }
        let main = html.components(separatedBy: "<main>")[1].components(separatedBy: "</main>")[0]
        #expect(main.contains("<h1>") && main.contains("class=\"verdict") && !main.contains("<footer>"))
        #expect(main.components(separatedBy: "<section>").count == html.components(separatedBy: "<section>").count)
        let tables = html.components(separatedBy: "<div class=\"scroll\"").dropFirst()
        #expect(!tables.isEmpty && tables.allSatisfy { $0.hasPrefix(" tabindex=\"0\"") })
    }
}
