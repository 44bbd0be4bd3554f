import EarmarkFiles
import EarmarkMark
import Foundation
import Testing

@testable import EarmarkStore

@Suite struct MeetingTests {
    @Test func meetingsKeepWhatTheyAreGiven() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting {
            $0.durationSeconds = 5400
            $0.hostEmail = "Host@Example.org"
        }
        #expect(try keeper.store.meeting(meeting.id) == meeting)
        #expect(meeting.endsAt == testStart + 5400)
        #expect(meeting.expiresAt == testStart + 5400 + 360 * 86_400)
        #expect(meeting.hostEmail == "Host@Example.org")
        #expect(meeting.state == .available)
        #expect(try keeper.store.meetings(in: keeper.organisationID) == [meeting])
    }

    @Test(arguments: [1, 86_400]) func durationsWithinADayAreTaken(seconds: Int64) throws {
        #expect(try TemporaryStoreKeeper.make().meeting { $0.durationSeconds = seconds }.durationSeconds == seconds)
    }

    @Test(arguments: [0, -1, 86_401]) func otherDurationsAreRefused(seconds: Int64) throws {
        let keeper = try TemporaryStoreKeeper.make()
        #expect(throws: StoreError(.valueInvalid, "")) { try keeper.meeting { $0.durationSeconds = seconds } }
    }

    @Test func unfitTextIsRefused() throws {
        let keeper = try TemporaryStoreKeeper.make()
        for title in ["", String(repeating: "x", count: 201), "a\u{1B}[31m", "a\u{202E}b"] {
            #expect(throws: StoreError(.valueInvalid, "")) { try keeper.meeting { $0.title = title } }
        }
        for host in ["", "host", "host@", "@example.org", "a@b@c", "a b@example.org", "a@-x.org", "a@x..org"] {
            #expect(throws: StoreError(.valueInvalid, "")) { try keeper.meeting { $0.hostEmail = host } }
        }
        #expect(try keeper.meeting { $0.title = String(repeating: "é", count: 200) }.title.count == 200)
    }

    @Test func meetingsExpireAtTheSecond() throws {
        let clock = TestClock(testStart)
        var settings = OrganisationSettings()
        settings.retentionDays = 1
        let keeper = try TemporaryStoreKeeper.make(settings: settings, clock: clock.clock)
        let meeting = try keeper.meeting()
        clock.set(testStart + 7200 + 86_400 - 1)
        #expect(try keeper.store.analysisSubject(meeting.id).meeting.state == .available)
        clock.set(testStart + 7200 + 86_400)
        #expect(try keeper.store.meeting(meeting.id).state == .expired)
        #expect(throws: StoreError(.meetingExpired, "")) { try keeper.store.analysisSubject(meeting.id) }
    }

    @Test func aCenturyOfRetentionWorks() throws {
        var settings = OrganisationSettings()
        settings.retentionDays = 36_500
        let keeper = try TemporaryStoreKeeper.make(settings: settings)
        let meeting = try keeper.meeting()
        #expect(meeting.expiresAt.text == "2123-10-22T00:13:20Z")
    }

    @Test func hostsOutsideTheDomainsAreForeign() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let outside = try keeper.meeting { $0.hostEmail = "x@elsewhere.example" }
        let sub = try keeper.meeting { $0.hostEmail = "x@sub.example.org" }
        let inside = try keeper.meeting { $0.hostEmail = "x@EXAMPLE.org" }
        let hostless = try keeper.meeting()
        #expect(outside.state == .available, "no domain is registered yet")
        try keeper.store.addDomain("Example.ORG", to: keeper.organisationID)
        #expect(try keeper.store.meeting(inside.id).state == .available)
        #expect(try keeper.store.meeting(hostless.id).state == .available)
        for meeting in [outside, sub] {
            #expect(throws: StoreError(.meetingForeign, "")) { try keeper.store.analysisSubject(meeting.id) }
        }
    }

    @Test func watermarkingOffIsRefusedByName() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let off = try keeper.meeting([entry(1)]) { $0.isWatermarkOn = false }
        let on = try keeper.meeting([entry(1)])
        func expectOff(_ meeting: Meeting, by place: String) throws {
            let error = #expect(throws: StoreError(.watermarkingOff, "")) {
                try keeper.store.analysisSubject(meeting.id)
            }
            #expect(error?.message.contains(place) == true)
            #expect(throws: StoreError(.watermarkingOff, "")) { try keeper.store.issueTickets(meeting: meeting.id) }
            #expect(throws: StoreError(.watermarkingOff, "")) {
                try keeper.store.markSeeds(meeting: meeting.id, client: "p1@example.org")
            }
            #expect(throws: StoreError(.watermarkingOff, "")) {
                try keeper.store.issueTicket(meeting: meeting.id, client: "p1@example.org")
            }
        }
        try expectOff(off, by: "off for the meeting")
        // A foreign meeting is refused for that first, but gets no mark either.
        try keeper.store.addDomain("example.org", to: keeper.organisationID)
        let foreign = try keeper.meeting([entry(1)]) {
            $0.isWatermarkOn = false
            $0.hostEmail = "x@elsewhere.example"
        }
        #expect(foreign.state == .foreign)
        #expect(throws: StoreError(.watermarkingOff, "")) {
            try keeper.store.markSeeds(meeting: foreign.id, client: "p1@example.org")
        }
        var settings = OrganisationSettings()
        settings.isWatermarkingOn = false
        try keeper.store.updateSettings(settings, of: keeper.organisationID)
        try expectOff(on, by: "off for the organisation")
    }

    @Test func unknownMeetingsAreNamed() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let error = #expect(throws: StoreError(.unknownMeeting, "")) { try keeper.store.analysisSubject("m_nope") }
        #expect(error?.message.contains("m_nope") == true)
        let other = try keeper.store.addOrganisation(name: "Other")
        let meeting = try keeper.meeting()
        #expect(throws: StoreError(.unknownMeeting, "")) { try keeper.store.meeting(meeting.id, in: other.id) }
    }

    @Test func organisationsAreToldApart() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let other = try keeper.store.addOrganisation(name: "Ärzte")
        #expect(try keeper.store.organisation("ärzte") == other)
        #expect(try keeper.store.organisation("A\u{308}rzte") == other)
        #expect(try keeper.store.organisation(other.id) == other)
        #expect(throws: StoreError(.ambiguousOrganisation, "")) { try keeper.store.organisation() }
        #expect(throws: StoreError(.unknownOrganisation, "")) { try keeper.store.organisation("nobody") }
        #expect(throws: StoreError(.duplicate, "")) { try keeper.store.addOrganisation(name: "EXAMPLE LTD") }
        try keeper.store.addDomain("example.org", to: other.id)
        try keeper.store.addDomain("example.org", to: other.id)
        #expect(throws: StoreError(.duplicate, "")) {
            try keeper.store.addDomain("EXAMPLE.org", to: keeper.organisationID)
        }
    }

    @Test func settingsKeepTheirRanges() throws {
        let keeper = try TemporaryStoreKeeper.make()
        func update(_ change: (inout OrganisationSettings) -> Void) throws -> OrganisationSettings {
            var settings = OrganisationSettings()
            change(&settings)
            try keeper.store.updateSettings(settings, of: keeper.organisationID)
            #expect(try keeper.store.organisation().settings == settings)
            return settings
        }
        _ = try update { $0.retentionDays = 0 }
        _ = try update { $0.retentionDays = 36_500 }
        _ = try update { $0.log10Threshold = -3 }
        _ = try update { $0.minimumSeconds = 0.5 }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.retentionDays = -1 } }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.retentionDays = 36_501 } }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.log10Threshold = -2.999 } }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.log10Threshold = .nan } }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.maximumBytes = 0 } }
        #expect(throws: StoreError(.valueInvalid, "")) { try update { $0.minimumSeconds = -.infinity } }
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-03-02T09:00Z", 1_772_442_000),
        ("2026-03-02T09:00", 1_772_442_000), ("2026-03-02 09:00:00", 1_772_442_000),
        ("2026-03-02T10:00:00+01:00", 1_772_442_000), ("2026-03-02T03:30:00-0530", 1_772_442_000),
        ("2026-03-02T11:00:00.999+02", 1_772_442_000), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ]) func timesAreRead(text: String, seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "now", "2026-03-02", "2026-3-2T09:00", "2026-02-29T09:00", "2026-13-01T09:00", "2026-00-01T09:00",
        "2026-03-32T09:00", "2026-03-02T24:00", "2026-03-02T09:60", "2026-03-02T09:00:60", "2026-03-02T09:00:00.",
        "2026-03-02T09:00:00+1", "2026-03-02T09:00Zx", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "２026-03-02T09:00",
    ]) func otherTextIsRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func daysOfFourCenturiesRoundTrip() {
        for day in stride(from: Int64(0), through: 146_097, by: 13) {
            let time = Timestamp(seconds: day * 86_400 + day % 86_400)
            #expect(Timestamp(time.text) == time)
        }
    }
}
