import CEarmark
import CLADSPA
import CLV2
import EarmarkC
import EarmarkLADSPA
import EarmarkLV2
import Testing

@Suite struct DescriptorTests {
    /// docs/live.md: one plugin of one channel, one of two, and no third.
    @Test func thereAreTwoPluginsOfEachKind() {
        #expect((0..<4).map { ladspa_descriptor($0) != nil } == [true, true, false, false])
        #expect((0..<4).map { lv2_descriptor($0) != nil } == [true, true, false, false])
    }

    /// CEarmark/earmark.h: the text of each status is never null.
    @Test func everyStatusHasAText() {
        for number in UInt32(0)..<12 { #expect(earmark_status_message(earmark_status(rawValue: number)) != nil) }
    }
}
