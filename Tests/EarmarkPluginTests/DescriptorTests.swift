import CLADSPA
import CLV2
import EarmarkLADSPA
import EarmarkLV2
import Foundation
import Testing

/// What hosts read of the plugins before they use them.
@Suite struct DescriptorTests {
    private static let controls = [
        "Ticket slot", "Meeting time (s)", "Time by clock", "Strength", "Marking", "Marked (s)", "Status",
    ]

    /// docs/live.md: one plugin of one channel, one of two, for what is played and for microphones, and no fifth.
    @Test func thereAreFourPluginsOfEachKind() {
        #expect((0..<6).map { ladspa_descriptor($0) != nil } == [true, true, true, true, false, false])
        #expect((0..<6).map { lv2_descriptor($0) != nil } == [true, true, true, true, false, false])
    }

    /// docs/live.md, "Plugins": names and order of LADSPA's ports, which command lines (`c0=0|c1=754.25`) rely on.
    @Test(
        arguments: [
            ("earmark_mono", 941), ("earmark_stereo", 942), ("earmark_microphone_mono", 943),
            ("earmark_microphone_stereo", 944),
        ] as [(String, UInt)])
    func ladspaSaysWhatItsPortsAre(label: String, identifier: UInt) throws {
        let descriptor = try #require(ladspa_descriptor(identifier - 941)).pointee
        let channels = label.hasSuffix("mono") ? 1 : 2
        #expect(descriptor.Label.map { String(cString: $0) } == label)
        #expect(descriptor.UniqueID == identifier)
        #expect(descriptor.Copyright.map { String(cString: $0) } == "GPL-3.0-or-later")
        // Hard real time, and no obstacle to running in place.
        #expect(descriptor.Properties == 4)
        #expect(descriptor.PortCount == UInt(2 * channels + 7))
        let count = Int(descriptor.PortCount)
        // LADSPA's bits: input 1, output 2, control 4, audio 8.
        let kinds = (0..<count).map { Int(descriptor.PortDescriptors[$0]) }
        let audio = [Int](repeating: 9, count: channels) + [Int](repeating: 10, count: channels)
        #expect(kinds == audio + [5, 5, 5, 5, 6, 6, 6])
        let names = (0..<count).map { descriptor.PortNames[$0].map { String(cString: $0) } ?? "" }
        #expect(Array(names.suffix(7)) == DescriptorTests.controls)
        let sides = channels == 1 ? ["left"] : ["left", "right"]
        #expect(Array(names.prefix(2 * channels)) == sides.map { "Input \($0)" } + sides.map { "Output \($0)" })
    }

    /// docs/live.md, "Plugins", the controls' bounds and defaults, by LADSPA's bits: bounded below 1 and above 2,
    /// toggled 4, integer 0x20, default 0 0x200, default 1 0x240.
    @Test(arguments: 0..<4 as Range<UInt>)
    func ladspaSaysWhatItsControlsTake(index: UInt) throws {
        let descriptor = try #require(ladspa_descriptor(index)).pointee
        let hints = (0..<7).map { descriptor.PortRangeHints[2 * Int(index % 2 + 1) + $0] }
        #expect(hints.map { Int($0.HintDescriptor) } == [0x223, 0x203, 0x244, 0x223, 4, 1, 1])
        #expect(hints[0].LowerBound == 0 && hints[0].UpperBound == 9_999)
        #expect(hints[1].LowerBound == -172_800 && hints[1].UpperBound == 172_800)
        #expect(hints[3].LowerBound == 0 && hints[3].UpperBound == 2)
    }

    /// The Turtle file numbers LV2's ports as the plugin does, with the same defaults as LADSPA's.
    @Test(arguments: [(0, "mono"), (1, "stereo"), (2, "microphone_mono"), (3, "microphone_stereo")])
    func theBundleDescribesThePlugin(index: UInt32, name: String) throws {
        let uri = try #require(lv2_descriptor(index)?.pointee.URI)
        #expect(String(cString: uri) == "urn:earmark:lv2:\(name)")
        let bundle = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/EarmarkLV2/bundle")
        let manifest = try String(contentsOf: bundle.appendingPathComponent("manifest.ttl"), encoding: .utf8)
        #expect(manifest.contains("<urn:earmark:lv2:\(name)>"))
        let text = try String(contentsOf: bundle.appendingPathComponent("earmark.ttl"), encoding: .utf8)
        let part = try #require(text.components(separatedBy: "<urn:earmark:lv2:\(name)>\n").last)
        let plugin = try #require(part.components(separatedBy: "\n<urn:").first)
        let ports = plugin.components(separatedBy: "lv2:index ").dropFirst()
        let audio = index % 2 == 0 ? ["in", "out"] : ["in_left", "in_right", "out_left", "out_right"]
        let names = audio + ["time", "clock", "strength", "marking", "marked", "status", "latency"]
        #expect(ports.count == names.count)
        for (number, (port, symbol)) in zip(ports, names).enumerated() {
            #expect(port.hasPrefix("\(number) ;"))
            #expect(port.contains("lv2:symbol \"\(symbol)\""))
        }
        for (symbol, value) in [("time", "0.0"), ("clock", "1"), ("strength", "0")] {
            #expect(ports.contains { $0.contains("\"\(symbol)\"") && $0.contains("lv2:default \(value) ;") })
        }
    }
}
