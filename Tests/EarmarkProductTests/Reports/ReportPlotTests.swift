import Foundation
import Testing

/// docs/report.md: how far from chance the evidence is, by decoys, with what is needed; and the evidence along the
/// recording.
@Suite struct ReportPlotTests {
    /// A plot as it is seen: shapes with their places, and the scale that the labels of its axis give.
    private struct Plot {
        let svg: String

        init(_ page: ReportPage, _ index: Int) {
            let all = ReportPage.between("<svg", "</svg>", page.html)
            svg = all.indices.contains(index) ? all[index] : ""
        }

        /// Attributes of each element of this kind and class.
        func shapes(_ kind: String, _ name: String) -> [[String: String]] {
            ReportPage.between("<\(kind) ", ">", svg).filter { $0.contains("class=\"\(name)\"") }.map(Plot.attributes)
        }

        static func attributes(_ text: String) -> [String: String] {
            let parts = text.components(separatedBy: "\"")
            return Dictionary(
                zip(parts, parts.dropFirst()).enumerated().filter { $0.offset % 2 == 0 }
                    .map { ($0.element.0.trimmingCharacters(in: [" ", "="]), $0.element.1) }, uniquingKeysWith: { $1 })
        }

        /// Labels with their attributes.
        var labels: [(text: String, at: [String: String])] {
            ReportPage.between("<text ", "</text>", svg).map { element in
                let parts = element.components(separatedBy: ">")
                return (ReportPage.plain(parts[1]), Plot.attributes(parts[0]))
            }
        }

        /// The value at a height: through the first and the last number on the axis and the lines beside them.
        func value(_ y: Double) -> Double {
            let numbers = labels.compactMap { Double($0.text.replacingOccurrences(of: "−", with: "-")) }
            let lines = shapes("line", "axis").compactMap { $0["y1"].flatMap(Double.init) }
            guard let first = numbers.first, let last = numbers.last, let low = lines.first, let high = lines.last,
                numbers.count == lines.count
            else { return .nan }
            return first + (last - first) * (y - low) / (high - low)
        }
    }

    private func number(_ shape: [String: String], _ name: String) -> Double {
        shape[name].flatMap(Double.init) ?? .nan
    }

    private func isNear(_ first: Double, _ second: Double, _ width: Double = 0.05) -> Bool {
        abs(first - second) < width
    }

    /// The z at a place across, by the numbers below the plot.
    private func z(_ x: Double, _ plot: Plot) -> Double {
        let scale = plot.labels.filter { $0.at["class"] == "scale" }
        let numbers = scale.compactMap { Double($0.text.replacingOccurrences(of: "−", with: "-")) }
        let places = scale.map { number($0.at, "x") }
        guard let low = numbers.first, let high = numbers.last, let left = places.first, let right = places.last else {
            return .nan
        }
        return low + (high - low) * (x - left) / (right - left)
    }

    @Test func decoysAreColumnsAndTheNamedADotBeyondThem() throws {
        let plot = Plot(try SampleAnswer().page(), 0)
        let columns = plot.shapes("rect", "others")
        let starts = columns.map { z(number($0, "x"), plot) }
        #expect(zip(starts, [-0.25, 0, 0.25, 3.5]).allSatisfy { isNear($0, $1) } && starts.count == 4, "\(starts)")
        let heights = columns.map { number($0, "height") }
        #expect(isNear(heights[1] / heights[0], 1.25, 0.01) && isNear(heights[1] / heights[2], 5, 0.1))
        #expect(heights[3] >= 0 && heights[3] < 1)
        let named = try #require(plot.shapes("circle", "named").first)
        #expect(plot.shapes("circle", "named").count == 1 && isNear(z(number(named, "cx"), plot), 11.37))
        #expect(plot.labels.contains { $0.text == "Ada Abbott 11.4" })
        #expect(plot.svg.contains("Evidence of 10000 decoys, what is needed, and what was found"))
        let text = try SampleAnswer().page().text
        #expect(
            text.contains("10000 decoys, made-up endpoints") && text.contains("The best decoy reaches 3.6 standard"))
    }

    @Test func whatIsNeededIsALine() throws {
        let plot = Plot(try SampleAnswer().page(), 0)
        let lines = plot.shapes("line", "limit").map { z(number($0, "x1"), plot) }
        #expect(lines.count == 2 && zip(lines, [7.64, 8.02]).allSatisfy { isNear($0, $1) }, "\(lines)")
        #expect(plot.labels.contains { $0.text == "needed: 7.6 to 8.0" })
        var sample = SampleAnswer()
        sample["tested"]["mostRequiredZ"] = nil
        let single = Plot(try sample.page(), 0)
        let one = single.shapes("line", "limit").map { z(number($0, "x1"), single) }
        #expect(one.count == 1 && isNear(one[0], 7.64) && single.labels.contains { $0.text == "needed: 7.6" })
    }

    @Test func twoNamesAreAtTheirOwnDots() throws {
        let plot = Plot(try SampleAnswer.ofTwo().page(), 0)
        let dots = plot.shapes("circle", "named").map { z(number($0, "cx"), plot) }
        #expect(dots.count == 2 && isNear(dots[0], 11.37) && isNear(dots[1], 8.94))
        let names = plot.labels.filter { $0.text.hasPrefix("Ada") || $0.text.hasPrefix("Bela") }
        #expect(names.map(\.text).sorted() == ["Ada Abbott 11.4", "Bela Berger 8.9"])
        // Labels do not cover each other, and stay within the plot.
        let heights = names.map { number($0.at, "y") }
        #expect(heights.count == 2 && abs(heights[0] - heights[1]) >= 11)
        #expect(names.allSatisfy { $0.at["text-anchor"] == "end" })
    }

    @Test func whereNobodyIsNamedThereIsNoPlot() throws {
        let page = try SampleAnswer.ofNobody("not-found").page()
        #expect(!page.html.contains("<svg") && !page.text.contains("decoy"))
        var sample = SampleAnswer()
        sample.evidence = nil
        let old = try sample.page()
        #expect(!old.html.contains("<svg") && old.text.contains("drew no decoys to compare with"))
        #expect(old.value("Executable SHA-256", in: "Tool and parameters") == nil)
    }

    @Test func stepsAlongTheRecordingAreColumns() throws {
        let page = try SampleAnswer().page()
        let plot = Plot(page, 1)
        // 20, -1, 9 and -5 over the roots of 4, 4, 9 and 1.
        let named = plot.shapes("rect", "named")
        let others = plot.shapes("rect", "others")
        #expect(zip(named, [10.0, 3]).allSatisfy { isNear(plot.value(number($0, "y")), $1, 0.1) } && named.count == 2)
        let feet = others.map { plot.value(number($0, "y") + number($0, "height")) }
        #expect(zip(feet, [-0.5, -5]).allSatisfy { isNear($0, $1, 0.1) } && feet.count == 2)
        let places = (named + others).map { number($0, "x") }
        #expect(places[0] < places[2] && places[2] < places[1] && places[1] < places[3])
    }

    @Test func stretchesAreShadedAtTheirTimes() throws {
        let plot = Plot(try SampleAnswer.ofTwo().page(), 2)
        let shades = plot.shapes("rect", "heard")
        let hours = plot.labels.filter { $0.text.contains(":") }
        #expect(hours.map(\.text) == ["0:00:00", "0:30:00", "1:00:00", "1:30:00", "2:00:00"])
        let zero = number(hours[0].at, "x")
        let pitch = (number(hours[4].at, "x") - zero) / 7_200
        #expect(shades.count == 2 && isNear(number(shades[0], "x"), zero, 0.2))
        #expect(isNear(number(shades[1], "x"), zero + 3_600 * pitch, 0.2))
        #expect(isNear(number(shades[1], "width"), 3_665.5 * pitch, 0.2))
    }

    @Test func columnsAddUpWhatTheyHold() throws {
        var sample = SampleAnswer()
        sample["file"]["seconds"] = 1_280
        sample.evidence?["sourceSteps"] = [
            (0..<320).map { ["from": 4 * $0, "to": 4 * $0 + 4, "sum": 3, "energy": 1] as [String: Any] }
        ]
        let plot = Plot(try sample.page(), 1)
        let columns = plot.shapes("rect", "named")
        // Two steps each: 6 over the root of 2.
        #expect(columns.count == 160)
        #expect(columns.allSatisfy { isNear(plot.value(number($0, "y")), 6 / 2.0.squareRoot(), 0.05) })
    }

    @Test func eachSourceHasAPlotUnderItsName() throws {
        let section = try SampleAnswer.ofTwo().page().section("Evidence along the recording")
        #expect(ReportPage.between("<h3>", "</h3>", section) == ["Ada Abbott, laptop", "Bela Berger, 13 inch"])
        #expect(ReportPage.between("<svg", "</svg>", section).count == 2)
    }
}
