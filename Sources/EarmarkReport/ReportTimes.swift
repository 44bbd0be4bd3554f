import EarmarkFiles
import Foundation

/// Points in time as a report shows them: in UTC, and beside that in the zone of whoever reads it.
struct ReportTimes: Sendable {
    /// The reader's zone; nil shows UTC alone.
    let zone: TimeZone?

    /// Takes a zone; one that is UTC itself, whatever it is called, adds nothing.
    init(zone: TimeZone?) {
        let isUniversal = Self.samples.allSatisfy {
            zone?.secondsFromGMT(for: Date(timeIntervalSince1970: $0)) == 0
        }
        self.zone = isUniversal ? nil : zone
    }

    /// A winter and a summer at the beginning of time, and one of each in 2026.
    private static let samples: [Double] = [0, 15_552_000, 1_768_435_200, 1_784_073_600]

    /// `2026-03-01T09:30:00Z` as people read it, as HTML; anything else as it is.
    func html(_ text: String) -> String {
        let universal = HTML.escape(text).replacing("T", with: " ").replacing("Z", with: " UTC")
        guard let zone, let time = Timestamp(text) else { return universal }
        let offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds))))
        let local = (time + offset).text.dropLast()
        // The day only where it is another one.
        let isSameDay = local.prefix(10) == text.prefix(10)
        let shown = isSameDay ? String(local.dropFirst(11)) : String(local).replacing("T", with: " ")
        let minutes = abs(offset) / 60
        let name = String(format: "%@%02d:%02d", offset < 0 ? "&minus;" : "+", Int(minutes / 60), Int(minutes % 60))
        return "\(universal) (\(shown) UTC\(name))"
    }

    /// The points in time within a text, each as `html` has it; the rest is escaped.
    func html(within text: String) -> String {
        HTML.escape(text).replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/) {
            html(String($0.output))
        }
    }

    /// What the times in brackets are; empty where there are none.
    var note: String {
        zone.map { "Times in brackets are local ones, of the zone \(HTML.escape($0.identifier)). " } ?? ""
    }
}
